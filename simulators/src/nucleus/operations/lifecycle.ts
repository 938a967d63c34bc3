import { z } from 'zod';

import type { NucleusBehaviour } from '../behaviour.ts';
import { IpcRefusal, type IpcOperation, type ServerStream } from '../ipc-server.ts';

const stateSchema = z.looseObject({ state: z.enum(['RUNNING', 'ERRORED']) });
const deferSchema = z.looseObject({
  deploymentId: z.string(),
  recheckAfterMs: z.number().min(0).default(0),
});

/** What components say of themselves, and of updates to come. */
export class LifecycleOperations {
  readonly #behaviour: NucleusBehaviour;
  /** What each component reported last. */
  readonly states = new Map<string, 'RUNNING' | 'ERRORED'>();
  /** How long each component last asked an update to wait; 0: it may come. */
  readonly deferrals: { component: string; deploymentId: string; recheckAfterMs: number }[] = [];
  #listeners: { component: string; stream: ServerStream }[] = [];

  constructor(behaviour: NucleusBehaviour) {
    this.#behaviour = behaviour;
  }

  /** Tells every component that a deployment would like to update it. */
  announce(deploymentId: string): void {
    for (const { stream } of this.#listeners) {
      const preUpdateEvent = { deploymentId, isGgcRestarting: false };
      stream.send('ComponentUpdatePolicyEvents', { preUpdateEvent });
    }
  }

  operations(): [string, IpcOperation][] {
    const common: [string, IpcOperation][] = [
      ['UpdateState', { handle: ({ component, request }) => this.#update(component, request) }],
    ];
    if (!this.#behaviour.defersUpdates) return common;
    return [
      ...common,
      [
        'SubscribeToComponentUpdates',
        {
          streams: true,
          handle: ({ component, stream }) => {
            const listener = { component, stream };
            this.#listeners.push(listener);
            stream.onEnd(() => {
              this.#listeners = this.#listeners.filter((other) => other !== listener);
            });
            return {};
          },
        },
      ],
      [
        'DeferComponentUpdate',
        {
          handle: ({ component, request }) => {
            this.deferrals.push({ component, ...deferSchema.parse(request) });
            return {};
          },
        },
      ],
    ];
  }

  #update(component: string, request: unknown): object {
    const parsed = stateSchema.safeParse(request);
    if (!parsed.success) throw new IpcRefusal('InvalidArgumentsError', 'No such state.');
    this.states.set(component, parsed.data.state);
    return {};
  }
}
