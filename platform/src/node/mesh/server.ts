import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';

import { FoyerError, type NodeAddress } from '@foyer/contracts';
import { WebSocketServer, type WebSocket } from 'ws';

import { identityOf } from './identity.ts';

/** PEM texts: the node's certificate and key, and the CA of its theatre. */
export interface MeshTls {
  cert: string;
  key: string;
  ca: string;
}

/** Header in which each side names its run: a peer with a new one has restarted. */
export const runHeader = 'x-foyer-run';

export interface MeshServerOptions {
  listen: { host: string; port: number };
  tls: MeshTls;
  run: string;
  maxPayloadBytes: number;
  /** Null admits; a text refuses and says why. */
  refusal(identity: NodeAddress): string | null;
  accept(socket: WebSocket, identity: NodeAddress, run: string): void;
  refused(reason: string): void;
}

export interface MeshServer {
  readonly port: number;
  close(): Promise<void>;
}

/** More sockets than any theatre has nodes; the bound is against a fault. */
const maxConnections = 256;
const handshakeTimeoutMs = 3000;

/** Listens for peers. TLS itself turns away whoever has no certificate of the theatre's CA. */
export async function listenMesh(options: MeshServerOptions): Promise<MeshServer> {
  const server = createServer({
    ...options.tls,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    handshakeTimeout: handshakeTimeoutMs,
    headersTimeout: handshakeTimeoutMs,
    noDelay: true,
  });
  server.maxConnections = maxConnections;
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: options.maxPayloadBytes,
  });
  sockets.on('headers', (headers) => headers.push(`${runHeader}: ${options.run}`));
  server.on('tlsClientError', (error) => options.refused(error.message));
  server.on('request', (_request, response) => {
    response.writeHead(426).end();
  });
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => stream.destroy());
    const socket = request.socket;
    const identity =
      socket instanceof TLSSocket && socket.authorized
        ? identityOf(socket.getPeerCertificate())
        : null;
    const reason = identity === null ? 'not a certificate of a node' : options.refusal(identity);
    if (identity === null || reason !== null) {
      options.refused(reason ?? '');
      stream.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
      return;
    }
    const run = request.headers[runHeader];
    sockets.handleUpgrade(request, stream, head, (accepted) => {
      options.accept(accepted, identity, typeof run === 'string' ? run : '');
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const { host, port } = options.listen;
      reject(
        new FoyerError('config-invalid', `The mesh cannot listen on ${host}:${port}.`, {
          cause: error,
        }),
      );
    });
    server.listen(options.listen.port, options.listen.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
