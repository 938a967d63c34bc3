import { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';

import { afterEach, expect, test } from 'vitest';

import { makeTestCa } from '../testing/certificates.ts';
import { newApp, serve, type HttpServer } from './serve.ts';

const ca = makeTestCa();

let server: HttpServer | null = null;
afterEach(async () => {
  await server?.close(0);
  server = null;
});

/** The serial number of the certificate that a server shows. */
const shown = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', ca: ca.ca }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.once('error', reject);
  });

const serialOf = ({ cert }: { cert: string }): string => new X509Certificate(cert).serialNumber;

test('HTTPS, with a certificate that is replaced while it serves', async () => {
  const [first, second] = [ca.issue('localhost', 'foyer'), ca.issue('localhost', 'foyer')];
  server = await serve(newApp(), { host: '127.0.0.1', port: 0, tls: first });
  expect(server.url).toMatch(/^https:/);
  expect(await shown(server.port)).toBe(serialOf(first));
  server.setTls(second);
  expect(await shown(server.port)).toBe(serialOf(second));
});
