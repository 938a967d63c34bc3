import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import { z } from 'zod';

export const brokerConfigSchema = z.strictObject({
  listen: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      port: z.int().min(0).max(65_535).default(0),
    })
    .prefault({}),
});

export interface Broker {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * The embedded MQTT broker of the demo: MQTT 3.1.1, in memory. It keeps nothing when it ends, which
 * nobody may mind: a broker's acknowledgement is not one of ours.
 */
export async function startBroker(config: z.infer<typeof brokerConfigSchema>): Promise<Broker> {
  const aedes = await Aedes.createBroker();
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    aedes.handle(socket);
  });
  server.listen(config.listen.port, config.listen.host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
      await new Promise<void>((resolve) => {
        aedes.close(resolve);
      });
    },
  };
}
