import type { TopicClient } from './topic-client.ts';

/**
 * One connection for several users, which each close their own view of it: it is opened with the
 * first view and closed with the last.
 */
export function sharedTopics(open: () => TopicClient): () => TopicClient {
  let shared: TopicClient | null = null;
  let views = 0;
  return () => {
    const client = (shared ??= open());
    views += 1;
    let closing: Promise<void> | null = null;
    const closeView = async (): Promise<void> => {
      views -= 1;
      if (views > 0) return;
      shared = null;
      await client.close();
    };
    return viewOf(client, () => (closing ??= closeView()));
  };
}

function viewOf(client: TopicClient, close: () => Promise<void>): TopicClient {
  const ends = new Set<() => void>();
  let closed = false;
  return {
    maxPayloadBytes: client.maxPayloadBytes,
    publish: (topic, payload) => client.publish(topic, payload),
    subscribe(filters, listener, qos) {
      const subscription = client.subscribe(filters, listener, qos);
      const end = (): void => {
        ends.delete(end);
        subscription.close();
      };
      if (closed) end();
      else ends.add(end);
      return { close: end };
    },
    close() {
      closed = true;
      for (const end of ends) end();
      return close();
    },
  };
}
