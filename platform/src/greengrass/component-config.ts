import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import type { NucleusSession } from './session.ts';

/** A component's configuration is bounded by a deployment's: 10 MB by AWS, far less by sense. */
const maxKeptBytes = 1_048_576;

/** A component's configuration, as the nucleus holds it. Throws as `IpcConnection.call`. */
export async function readConfiguration(session: NucleusSession): Promise<unknown> {
  return session.connection().call('the configuration', async (client) => {
    const answer = await client.getConfiguration({ keyPath: [] });
    return answer.value as unknown;
  });
}

/**
 * The configuration that a nucleus gave last. A nucleus that hangs must not keep a gate closed: it
 * starts as it was configured before.
 */
export class KeptConfiguration {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Undefined where there is none that can be read. */
  read(): unknown {
    try {
      return JSON.parse(readFileSync(this.#path, 'utf8')) as unknown;
    } catch {
      return undefined;
    }
  }

  write(configuration: unknown): void {
    const text = JSON.stringify(configuration);
    if (text === undefined || text.length > maxKeptBytes) return;
    const draft = `${this.#path}.new`;
    mkdirSync(dirname(this.#path), { recursive: true });
    writeFileSync(draft, text, { mode: 0o600 });
    renameSync(draft, this.#path);
  }
}
