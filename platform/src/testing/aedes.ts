import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

import { Aedes } from 'aedes';

import type { TestBroker } from './mosquitto.ts';

/** An embedded broker that serves. */
export interface EmbeddedBroker {
  readonly port: number;
  /** Cuts every connection and forgets everything. */
  close(): Promise<void>;
}

/**
 * Serves the embedded MQTT broker: 3.1.1, in memory, in this process. It keeps nothing when it
 * ends, which nobody may mind: a broker's acknowledgement is not one of ours.
 */
export async function serveAedes(listen: { host: string; port: number }): Promise<EmbeddedBroker> {
  const aedes = await Aedes.createBroker();
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    aedes.handle(socket);
  });
  server.listen(listen.port, listen.host);
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

/** Starts the embedded broker on loopback; it starts again on the same port. */
export async function startAedes(): Promise<TestBroker> {
  const host = '127.0.0.1';
  let broker: EmbeddedBroker | undefined = await serveAedes({ host, port: 0 });
  const { port } = broker;
  const start = async (): Promise<void> => {
    broker = await serveAedes({ host, port });
  };
  const kill = async (): Promise<void> => {
    const ended = broker;
    broker = undefined;
    await ended?.close();
  };
  return { url: `mqtt://${host}:${port}`, start, kill, stop: kill };
}
