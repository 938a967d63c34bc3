import { Agent, request } from 'node:http';

import type { z } from 'zod';

import { FoyerError, frameResultSchema } from '@foyer/contracts';
import type { Luminance } from '@foyer/scanner';

/** What the scanner made of a frame. */
export type FrameResult = z.infer<typeof frameResultSchema>;

interface Answer {
  readonly status: number;
  readonly text: string;
}

const longestAnswerBytes = 65_536;
// A scanner waits for an agent that restarts, and so does the guest: who walked away would not see
// the verdict that the gate has already committed.
const timeoutMs = 300_000;

/** The camera of one gate: what it sees goes to the gate's scanner. */
export class GateCamera {
  readonly #url: URL;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 4 });

  constructor(scannerUrl: string) {
    this.#url = new URL('/v1/frames', scannerUrl);
  }

  /**
   * Shows the scanner one frame, as raw luminance.
   * @throws FoyerError `link-down` when no scanner answers, `queue-full` when it is too busy.
   */
  async show(frame: Luminance): Promise<FrameResult> {
    const { status, text } = await this.#post(frame).catch((cause: unknown) => {
      throw new FoyerError('link-down', `No scanner at ${this.#url.origin}.`, { cause });
    });
    if (status === 200) return frameResultSchema.parse(JSON.parse(text));
    if (status === 503) throw new FoyerError('queue-full', 'The gate is too busy for this frame.');
    throw new FoyerError('bad-request', `The scanner answered ${status}: ${text.slice(0, 200)}`);
  }

  close(): void {
    this.#agent.destroy();
  }

  #post(frame: Luminance): Promise<Answer> {
    const headers = {
      'content-type': 'application/octet-stream',
      'content-length': frame.data.byteLength,
      'x-frame-width': frame.width,
      'x-frame-height': frame.height,
      'x-camera': 'gate',
    };
    const options = { method: 'POST', agent: this.#agent, timeout: timeoutMs, headers };
    return new Promise((resolve, reject) => {
      const call = request(this.#url, options, (response) => {
        const parts: Buffer[] = [];
        let sizeBytes = 0;
        response.on('data', (part: Buffer) => {
          sizeBytes += part.length;
          if (sizeBytes > longestAnswerBytes) response.destroy(new Error('too long an answer'));
          else parts.push(part);
        });
        response.on('error', reject);
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString() });
        });
      });
      call.on('timeout', () => call.destroy(new Error('timeout')));
      call.on('error', reject);
      call.end(frame.data);
    });
  }
}
