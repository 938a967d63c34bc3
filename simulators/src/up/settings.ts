import { createHash } from 'node:crypto';
import { join } from 'node:path';

import type { Role } from '@foyer/contracts';

import { boxIds, gateId, hallsOfGate, isBox, theatreNo } from '../world/index.ts';
import type { NucleusKind } from '../nucleus/index.ts';
import type { Cabling } from './cabling.ts';
import { meshIdentity } from './provision.ts';

/** What a run is made with. */
export interface TheatreSettings {
  readonly gates: number;
  /** Display boxes: an agent with the role screen and a player each. */
  readonly boxes: number;
  readonly seed: number;
  /** Which nucleus runs the programs of the house; undefined: they are plain processes. */
  readonly nucleus?: NucleusKind | undefined;
  /** Where databases, certificates, configurations and logs go. */
  readonly dir: string;
  /** Opens the page that manages the screens; null for a theatre without one. */
  readonly managerToken: string | null;
  /** For the catalogue of the booking API. */
  readonly apiKey: string;
  /** Seed of the Ed25519 key that signs tickets, base64url. */
  readonly signingKey: string;
  /** Parties that come in a second, over all gates. */
  readonly demandPerS: number;
}

/** The node id of the theatre's own agent. */
export const theatreNode = 'theatre';

/** All agents of a theatre: its own, the gates', the boxes'. */
export const nodesOf = ({ gates, boxes }: Pick<TheatreSettings, 'gates' | 'boxes'>): string[] => [
  theatreNode,
  ...Array.from({ length: gates }, (_, index) => gateId(index)),
  ...boxIds(boxes),
];

const here = (port = 0): { host: string; port: number } => ({ host: '127.0.0.1', port });

/** The cloud's database; the world is written into it before the cloud starts. */
export const cloudDatabase = (dir: string): { kind: 'sqlite'; path: string } => ({
  kind: 'sqlite',
  path: join(dir, 'cloud.db'),
});

/** The key id of tickets that this theatre's cloud signs. */
export const keyId = 1;

/** @param port the one that it had, when it is started again: who knows its address finds it. */
export const cloudConfig = (
  settings: TheatreSettings,
  cabling: Cabling,
  port?: number,
): object => ({
  listen: here(port),
  database: cloudDatabase(settings.dir),
  mqtt: { url: cabling.brokerUrl, sharedSubscription: false },
  payment: { url: cabling.paymentUrl },
  apiKey: settings.apiKey,
  signingKey: settings.signingKey,
  keyId,
  authorities: [
    { theatreNo, caPath: meshIdentity(join(settings.dir, 'certificates'), theatreNode).caPath },
  ],
});

/** The program behind the page that manages the screens. */
export const managerConfig = (
  settings: TheatreSettings,
  token: string,
  ports: { theatre: number; cloud: number; players: readonly number[] },
): object => ({
  listen: here(),
  agentUrl: `http://127.0.0.1:${ports.theatre}`,
  cloudUrl: `http://127.0.0.1:${ports.cloud}`,
  apiKey: settings.apiKey,
  players: ports.players.map((port) => `http://127.0.0.1:${port}`),
  roles: [
    {
      name: 'duty manager',
      role: 'operator',
      tokenSha256: createHash('sha256').update(token).digest('hex'),
    },
  ],
});

export const serverConfig = (port?: number): object => ({ listen: here(port) });

const roleOf = (node: string): Role => {
  if (node === theatreNode) return 'theatre';
  return isBox(node) ? 'screen' : 'gate';
};

const wayUp = ({ nucleus }: TheatreSettings, cabling: Cabling): object =>
  nucleus === undefined ? { mqtt: { url: cabling.wanUrl } } : { cloudLink: 'greengrass' };

/** An agent's configuration; only the theatre's has a way to the cloud. */
export const agentConfig = (
  settings: TheatreSettings,
  cabling: Cabling,
  node: string,
  port?: number,
): object => ({
  node,
  role: roleOf(node),
  theatreNo,
  dataDir: join(settings.dir, node),
  listen: here(port),
  mesh: {
    listen: here(),
    ...meshIdentity(join(settings.dir, 'certificates'), node),
    peers: cabling.peersOf(node),
  },
  ...(node === theatreNode ? wayUp(settings, cabling) : {}),
});

// An agent that was killed is asked again with the same scan until it is back: no verdict that it
// committed goes unshown.
const patienceMs = 600_000;

export const scannerConfig = (agentPort: number): object => ({
  listen: here(),
  agentUrl: `http://127.0.0.1:${agentPort}`,
  sources: [],
  workers: 1,
  agentGiveUpAfterMs: patienceMs,
  maxPendingScans: 64,
});

/** The player beside a box's agent; the cloud has the files. */
export const playerConfig = (
  settings: TheatreSettings,
  player: string,
  ports: { agent: number; cloud: number; own?: number | undefined },
): object => ({
  listen: here(ports.own),
  agentUrl: `http://127.0.0.1:${ports.agent}`,
  mediaUrls: [`http://127.0.0.1:${ports.cloud}`],
  dataDir: join(settings.dir, player),
});

const rushPeriodMs = 20_000;

export const guestsConfig = (
  settings: TheatreSettings,
  cloudPort: number,
  scannerPorts: readonly number[],
  oldBookings: readonly string[],
): object => ({
  seed: settings.seed,
  theatreNo,
  cloudUrl: `http://127.0.0.1:${cloudPort}`,
  gates: scannerPorts.map((port, index) => ({
    node: gateId(index),
    scannerUrl: `http://127.0.0.1:${port}`,
    auditoriums: hallsOfGate(index, settings.gates),
  })),
  oldBookings: oldBookings.slice(0, 200),
  maxParties: 8 * settings.gates,
  demand: { meanPerS: settings.demandPerS, rush: 0.5, periodMs: rushPeriodMs },
});
