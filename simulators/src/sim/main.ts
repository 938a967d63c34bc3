import { runSeed } from './run.ts';

/**
 * A worker of a campaign: runs each seed that it is sent, and answers with its result and the
 * processor time that it took.
 */
process.on('message', (seed: number) => {
  const before = process.cpuUsage();
  void runSeed(seed).then((result) => {
    const { user, system } = process.cpuUsage(before);
    process.send?.({ result, cpuMs: (user + system) / 1000 });
  });
});
process.on('disconnect', () => process.exit());
