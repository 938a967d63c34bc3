import { z } from 'zod';

import { IpcRefusal, type IpcOperation, type ServerStream } from '../ipc-server.ts';

type Tree = { [name: string]: unknown };

const requestSchema = z.looseObject({
  componentName: z.string().optional(),
  keyPath: z.array(z.string()).default([]),
});

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** As a deployment merges: objects key by key, everything else replaced. */
export function merge(under: unknown, over: unknown): unknown {
  if (!isTree(under) || !isTree(over)) return over;
  const merged: Tree = { ...under };
  for (const [name, value] of Object.entries(over)) merged[name] = merge(merged[name], value);
  return merged;
}

function at(tree: unknown, keyPath: readonly string[]): unknown {
  let found = tree;
  for (const key of keyPath) found = isTree(found) ? found[key] : undefined;
  return found;
}

/** Each component's configuration, and who wants to hear of its changes. */
export class Configurations {
  readonly #values = new Map<string, unknown>();
  #listeners: { component: string; keyPath: string[]; stream: ServerStream }[] = [];

  get(component: string): unknown {
    return this.#values.get(component) ?? {};
  }

  /** Puts a configuration in the place of what there was, and tells nobody. */
  set(component: string, value: unknown): void {
    this.#values.set(component, value);
  }

  /** What a deployment merges, told to whoever subscribed. */
  update(component: string, change: unknown): void {
    this.#values.set(component, merge(this.get(component), change));
    for (const listener of this.#listeners) {
      if (listener.component !== component) continue;
      const event = { componentName: component, keyPath: listener.keyPath };
      listener.stream.send('ConfigurationUpdateEvents', { configurationUpdateEvent: event });
    }
  }

  /** The daemon restarted. */
  forget(): void {
    this.#listeners = [];
  }

  operations(): [string, IpcOperation][] {
    return [
      [
        'GetConfiguration',
        {
          handle: ({ component, request }) => {
            const { componentName = component, keyPath } = requestSchema.parse(request);
            const value = at(this.get(componentName), keyPath);
            if (value !== undefined) return { componentName, value };
            throw new IpcRefusal('ResourceNotFoundError', `No key ${keyPath.join('/')}.`);
          },
        },
      ],
      [
        'SubscribeToConfigurationUpdate',
        {
          streams: true,
          handle: ({ component, request, stream }) => {
            const { componentName = component, keyPath } = requestSchema.parse(request);
            const listener = { component: componentName, keyPath, stream };
            this.#listeners.push(listener);
            stream.onEnd(() => {
              this.#listeners = this.#listeners.filter((other) => other !== listener);
            });
            return {};
          },
        },
      ],
    ];
  }
}
