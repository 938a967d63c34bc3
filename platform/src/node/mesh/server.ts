import type { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { AddressInfo } from 'node:net';
import { TLSSocket, type SecureContextOptions } from 'node:tls';

import { FoyerError } from '@foyer/contracts';
import { WebSocketServer, type WebSocket } from 'ws';

import { identityOfX509, type NodeIdentity } from './identity.ts';

/** PEM texts: the node's certificate and key, and the CA of its theatre, or two of them. */
export interface MeshTls {
  cert: string;
  key: string;
  ca: string;
}

/** Who is at the other end of a connection, by the certificate that it was made with. */
export interface MeshPeer extends NodeIdentity {
  certificate: X509Certificate;
  /** The run of the peer's process. */
  run: string;
}

/** The peer behind a socket that TLS let in or reached; null where it is none of ours. */
export function peerOf(message: IncomingMessage): MeshPeer | null {
  const { socket } = message;
  if (!(socket instanceof TLSSocket) || !socket.authorized) return null;
  const certificate = socket.getPeerX509Certificate();
  const identity = identityOfX509(certificate);
  if (certificate === undefined || identity === null) return null;
  const run = message.headers[runHeader];
  return { ...identity, certificate, run: typeof run === 'string' ? run : '' };
}

/** Header in which each side names its run: a peer with a new one has restarted. */
export const runHeader = 'x-foyer-run';

export interface MeshServerOptions {
  listen: { host: string; port: number };
  tls: MeshTls;
  run: string;
  maxPayloadBytes: number;
  /** Null admits; a text refuses and says why. */
  refusal(peer: MeshPeer): string | null;
  accept(socket: WebSocket, peer: MeshPeer): void;
  refused(reason: string): void;
}

export interface MeshServer {
  readonly port: number;
  /** From the next connection on. */
  setTls(tls: MeshTls): void;
  close(): Promise<void>;
}

/** More sockets than any theatre has nodes; the bound is against a fault. */
const maxConnections = 256;
const handshakeTimeoutMs = 3000;

function contextOf(tls: MeshTls): SecureContextOptions {
  return { ...tls, minVersion: 'TLSv1.2' };
}

/** Listens for peers. TLS itself turns away whoever has no certificate of the theatre's CA. */
export async function listenMesh(options: MeshServerOptions): Promise<MeshServer> {
  const server = createServer({
    ...contextOf(options.tls),
    requestCert: true,
    rejectUnauthorized: true,
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
    const peer = peerOf(request);
    const reason = peer === null ? 'not a certificate of a node' : options.refusal(peer);
    if (peer === null || reason !== null) {
      options.refused(reason ?? '');
      stream.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, stream, head, (accepted) => options.accept(accepted, peer));
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
    // Session tickets of the former context die with it: nobody resumes past a CA that is gone.
    setTls: (tls) => server.setSecureContext(contextOf(tls)),
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
