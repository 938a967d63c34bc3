import { Agent, request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';

interface Answer {
  readonly body: unknown;
  readonly headers: IncomingHttpHeaders;
}

/** Posts over connections that stay open, as a gate's programs do, without fetch's own cost. */
export class KeepAliveClient {
  readonly #agent: Agent;

  /** @param connections to one address at most. */
  constructor(connections: number) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections, noDelay: true });
  }

  /** @throws Error for another status than 200, or no answer. */
  post(url: URL, headers: Readonly<Record<string, string>>, body: Uint8Array): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request(
        url,
        {
          method: 'POST',
          agent: this.#agent,
          headers: { ...headers, 'content-length': String(body.length) },
        },
        (response) => {
          const parts: Buffer[] = [];
          response.on('data', (part: Buffer) => parts.push(part));
          response.on('error', reject);
          response.on('end', () => {
            const text = Buffer.concat(parts).toString();
            if (response.statusCode === 200) {
              resolve({ body: JSON.parse(text), headers: response.headers });
            } else reject(new Error(`${url.href} answered ${response.statusCode}: ${text}`));
          });
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }

  /** @returns the answer's JSON. */
  async postJson(url: URL, body: unknown): Promise<unknown> {
    const bytes = Buffer.from(JSON.stringify(body));
    return (await this.post(url, { 'content-type': 'application/json' }, bytes)).body;
  }

  close(): void {
    this.#agent.destroy();
  }
}
