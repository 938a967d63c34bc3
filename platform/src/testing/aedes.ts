import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { Aedes } from 'aedes';

import type { TestBroker } from './mosquitto.ts';

/** Starts the embedded broker (MQTT 3.1.1, in memory, in this process) on loopback. */
export async function startAedes(): Promise<TestBroker> {
  let port = 0;
  let broker: Aedes | undefined;
  let server: Server | undefined;
  const sockets = new Set<Socket>();

  async function start(): Promise<void> {
    const instance = await Aedes.createBroker();
    const listener = createServer({ noDelay: true }, (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      instance.handle(socket);
    });
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject);
      listener.listen(port, '127.0.0.1', resolve);
    });
    port = (listener.address() as AddressInfo).port;
    broker = instance;
    server = listener;
  }

  async function kill(): Promise<void> {
    const [endedBroker, endedServer] = [broker, server];
    broker = undefined;
    server = undefined;
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      if (endedServer === undefined) resolve();
      else endedServer.close(() => resolve());
    });
    await new Promise<void>((resolve) => {
      if (endedBroker === undefined) resolve();
      else endedBroker.close(() => resolve());
    });
  }

  await start();
  return { url: `mqtt://127.0.0.1:${port}`, start, kill, stop: kill };
}
