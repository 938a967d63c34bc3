import type { Torture } from './torture.ts';

const everyMs = 1_000;

/** Looks at every node once a second until it is told to stop: cursors, and queues. */
export function startSampling({ house, observer, watch }: Torture): () => void {
  let looking = false;
  const look = async (): Promise<void> => {
    looking = true;
    const states = await Promise.all(house.nodes.map((node) => observer.status(node)));
    for (const state of states) {
      if (state === undefined) continue;
      const { node, feeds, relayQueue } = state;
      const places = feeds.map(({ feed, epoch, cursor }) => ({ feed, epoch, cursor }));
      const queues = { relayed: relayQueue };
      watch.samples.push({ runMs: watch.log.runMs(), node, disk: node, feeds: places, queues });
    }
    looking = false;
  };
  const timer = setInterval(() => {
    if (!looking) void look();
  }, everyMs);
  return () => clearInterval(timer);
}
