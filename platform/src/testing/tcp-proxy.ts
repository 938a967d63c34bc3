import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** As a pulled cable: bytes go nowhere, and no end is told. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

/** A piece of cable on loopback, which can be cut. */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  };
  const pipe = (from: Socket, to: Socket): void => {
    let wasCut = false;
    from.on('data', (data) => {
      // A connection that lost bytes is never whole again, also when the cable is mended.
      wasCut ||= isCut;
      if (!wasCut) to.write(data);
    });
    from.once('close', () => {
      if (!isCut && !wasCut) to.destroy();
    });
  };
  const server = createServer({ noDelay: true }, (client) => {
    keep(client);
    if (isCut) return;
    const target = connect({ port: targetPort, host: '127.0.0.1', noDelay: true });
    keep(target);
    pipe(client, target);
    pipe(target, client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      isCut = true;
    },
    mend() {
      isCut = false;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
