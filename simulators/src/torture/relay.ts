import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';

import { z } from 'zod';

const portSchema = z.int().min(1).max(65_535);
const placeSchema = z.union([
  z.strictObject({ path: z.string().min(1) }),
  z.strictObject({ host: z.string().min(1), port: portSchema }),
]);

/**
 * A Unix socket is seen from every network namespace, a port from its own only: a relay in a
 * namespace joins the two.
 */
export const relayConfigSchema = z.strictObject({
  relays: z.array(z.strictObject({ from: placeSchema, to: placeSchema })).max(64),
});
export type Relays = z.infer<typeof relayConfigSchema>['relays'];

async function serve({ from, to }: Relays[number]): Promise<Server> {
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
    const far = connect({ ...to, noDelay: true, allowHalfOpen: true });
    near.pipe(far).pipe(near);
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(from, resolve);
  });
  return server;
}

/** Forwards connections from each place to another. @returns what ends it. */
export async function startRelays(relays: Relays): Promise<() => void> {
  const servers = await Promise.all(relays.map(serve));
  return () => {
    for (const server of servers) server.close();
  };
}
