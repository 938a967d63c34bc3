import { topicMatches } from '@foyer/platform';
import { z } from 'zod';

import type { IpcOperation, ServerStream } from '../ipc-server.ts';

const publishSchema = z.looseObject({
  topic: z.string().min(1),
  publishMessage: z.looseObject({
    jsonMessage: z.looseObject({ message: z.unknown() }).optional(),
    binaryMessage: z.looseObject({ message: z.base64() }).optional(),
  }),
});
const subscribeSchema = z.looseObject({ topic: z.string().min(1) });

/** Messages between the components of one box. */
export class LocalPubsub {
  readonly #authorise: (component: string, operation: string, topic: string) => void;
  #subscriptions: { filter: string; stream: ServerStream }[] = [];

  constructor(authorise: (component: string, operation: string, topic: string) => void) {
    this.#authorise = authorise;
  }

  /** The daemon restarted. */
  forget(): void {
    this.#subscriptions = [];
  }

  operations(): [string, IpcOperation][] {
    return [
      [
        'PublishToTopic',
        {
          handle: ({ component, request }) => {
            const { topic, publishMessage } = publishSchema.parse(request);
            this.#authorise(component, 'PublishToTopic', topic);
            this.#deliver(topic, publishMessage);
            return {};
          },
        },
      ],
      [
        'SubscribeToTopic',
        {
          streams: true,
          handle: ({ component, request, stream }) => {
            const { topic: filter } = subscribeSchema.parse(request);
            this.#authorise(component, 'SubscribeToTopic', filter);
            const subscription = { filter, stream };
            this.#subscriptions.push(subscription);
            stream.onEnd(() => {
              this.#subscriptions = this.#subscriptions.filter((other) => other !== subscription);
            });
            return { topicName: filter };
          },
        },
      ],
    ];
  }

  #deliver(topic: string, sent: z.infer<typeof publishSchema>['publishMessage']): void {
    const context = { topic };
    const { jsonMessage, binaryMessage } = sent;
    const event =
      jsonMessage === undefined
        ? { binaryMessage: { ...binaryMessage, context } }
        : { jsonMessage: { ...jsonMessage, context } };
    for (const { filter, stream } of this.#subscriptions) {
      if (topicMatches(filter, topic)) stream.send('SubscriptionResponseMessage', event);
    }
  }
}
