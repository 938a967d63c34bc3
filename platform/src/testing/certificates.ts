import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Role, TheatreNo } from '@foyer/contracts';

import { theatreOrganisation } from '../node/mesh/identity.ts';
import type { MeshTls } from '../node/mesh/server.ts';
import { makeTempDir, removeTempDir } from './cleanup.ts';

export interface TestCa {
  /** PEM. */
  readonly ca: string;
  /** A certificate of this CA, for client and server, with `localhost` as its alternative name. */
  issue(commonName: string, organisation: string, unit?: string): MeshTls;
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'] as const;

/** Makes a CA that lives as long as the test; needs the openssl program. */
export function makeTestCa(name = 'foyer test CA'): TestCa {
  const caKey = { cert: '', key: '' };
  const openssl = (dir: string, args: readonly string[]): void => {
    execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });
  };
  const inTempDir = <T>(act: (dir: string) => T): T => {
    const dir = makeTempDir('ca');
    try {
      return act(dir);
    } finally {
      removeTempDir(dir);
    }
  };
  const read = (dir: string, file: string): string => readFileSync(join(dir, file), 'utf8');
  inTempDir((dir) => {
    openssl(dir, [
      ...['req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.crt'],
      ...['-subj', `/CN=${name}`, '-days', '2', '-addext', 'basicConstraints=critical,CA:TRUE'],
    ]);
    caKey.cert = read(dir, 'ca.crt');
    caKey.key = read(dir, 'ca.key');
  });
  return {
    ca: caKey.cert,
    issue: (commonName, organisation, unit) =>
      inTempDir((dir) => {
        writeFileSync(join(dir, 'ca.crt'), caKey.cert);
        writeFileSync(join(dir, 'ca.key'), caKey.key);
        writeFileSync(join(dir, 'ext'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
        const names = unit === undefined ? '' : `/OU=${unit}`;
        const subject = `/O=${organisation}${names}/CN=${commonName.replaceAll('/', '\\/')}`;
        openssl(dir, [
          ...['req', ...newKey, '-keyout', 'node.key', '-out', 'node.csr'],
          ...['-subj', subject],
        ]);
        openssl(dir, [
          ...['x509', '-req', '-in', 'node.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key'],
          ...['-CAcreateserial', '-out', 'node.crt', '-days', '2', '-extfile', 'ext'],
        ]);
        return { ca: caKey.cert, cert: read(dir, 'node.crt'), key: read(dir, 'node.key') };
      }),
  };
}

/** The certificate of a theatre's node; an old one without its role when none is given. */
export function issueNode(ca: TestCa, theatreNo: TheatreNo, nodeId: string, role?: Role): MeshTls {
  return ca.issue(nodeId, theatreOrganisation(theatreNo), role);
}

/** The certificate of a broker's client: `theatreNo/nodeId`, or `cloud`. */
export function issueMqttClient(ca: TestCa, name: string): MeshTls {
  return ca.issue(name, 'foyer');
}
