import { changeOf } from '@foyer/cloud-sync';
import { encodeFrame, packBody, type FeedRecord } from '@foyer/cloud-sync/engine';
import {
  formatTicketCode,
  packCore,
  type Chunk,
  type FeedName,
  type FeedRow,
  type FeedTable,
  type Message,
  type Role,
} from '@foyer/contracts';
import { ed25519Signer } from '@foyer/platform/node';

/** The theatre that every rig plays in. */
export const theatreNo = 7;
export const showNo = 12;
/** When rigs begin, UTC: 2026-01-01T12:00:00Z. The show starts half an hour later. */
export const startMs = 1_767_268_800_000;
export const epochs: Readonly<Record<FeedName, string>> = {
  house: '00000001-0000-4000-8000-000000000001',
  tickets: '00000002-0000-4000-8000-000000000002',
  secrets: '00000003-0000-4000-8000-000000000003',
};

const signer = ed25519Signer(Buffer.alloc(32, 7).toString('base64url'));
const keyId = 1;
const gates = ['gate-1', 'gate-2', 'gate-3'];

export const ticketIdOf = (n: number): string => `00070${n.toString(16).padStart(11, '0')}`;

/** The text in the QR code of a ticket. */
export function codeOf(n: number): string {
  const core = packCore({ kind: 'static', keyId, ticketId: ticketIdOf(n), showNo });
  return formatTicketCode(core, signer.sign(core));
}

type Row = { [T in FeedTable]: readonly [T, FeedRow<T>] }[FeedTable];

export function nodeRow(nodeId: string, role: Role): FeedRow<'node'> {
  return { nodeId, role, name: nodeId, auditoriums: [], status: 'active', meshUrl: null };
}

const houseRows: readonly Row[] = [
  [
    'theatre',
    {
      theatreNo,
      name: 'Lumen',
      timeZone: 'Europe/Berlin',
      currency: 'EUR',
      doorsOpenBeforeMin: 60,
      doorsCloseAfterMin: 60,
      staleAfterMin: 60,
      classes: { default: { mode: 'open' }, premiere: { mode: 'strict' } },
    },
  ],
  ['auditorium', { auditorium: 'a1', name: 'Screen 1', directions: 'left', capacity: 80 }],
  ['film', { filmId: 'f1', title: 'Film', runtimeMin: 90, rating: 'FSK 6', minAge: 6 }],
  [
    'show',
    {
      showNo,
      filmId: 'f1',
      auditorium: 'a1',
      startsAtMs: startMs + 1_800_000,
      delayMin: 0,
      status: 'scheduled',
      configEpoch: 1,
    },
  ],
  ['node', nodeRow('theatre', 'theatre')],
  ['node', nodeRow('screen-1', 'screen')],
  ...gates.map((gate): Row => ['node', nodeRow(gate, 'gate')]),
  ['config-epoch', { configEpoch: 1, admissionNodes: gates }],
  ['key', { keyId, publicKey: signer.publicKey, status: 'active' }],
];

const ticketRows: readonly Row[] = [1, 2, 3, 4].map((n) => [
  'ticket',
  {
    ticketId: ticketIdOf(n),
    bookingRef: 'ABCDEFGH',
    showNo,
    seat: `A${n}`,
    ticketClass: 'adult',
    status: 'valid',
    priceMinor: 1250,
  },
]);

const secretRows: readonly Row[] = [
  ['show-key', { showNo, key: Buffer.alloc(32, 9).toString('base64url') }],
];

export const rowsOf: Readonly<Record<FeedName, readonly Row[]>> = {
  house: houseRows,
  tickets: ticketRows,
  secrets: secretRows,
};

/** Rows as a feed carries them, numbered from `since` + 1. */
export function recordsOf(rows: readonly Row[], since = 0): FeedRecord[] {
  return rows.map(([name, row], n) => {
    const { table, key, group, columns, enc } = changeOf<FeedTable>(name, row);
    return { table, key, group, columns, enc, seq: since + n + 1 };
  });
}

/** The changes of a feed after `since`, in one chunk. */
export function chunkOf(feed: FeedName, rows: readonly Row[], since = 0): Chunk {
  const next = since + rows.length;
  return {
    type: 'chunk',
    feed,
    epoch: epochs[feed],
    since,
    next,
    head: next,
    mark: '00000000000000aa',
    body: packBody(recordsOf(rows, since)).body,
  };
}

/** What a node of the theatre says of itself when it comes to the mesh. */
export function greetingOf(node: string, role: Role): Message[] {
  const holds = role !== 'screen';
  const feeds = (['house', 'tickets', 'secrets'] as const).map((feed) => {
    return { feed, epoch: epochs[feed], cursor: rowsOf[feed].length };
  });
  return [
    { type: 'hello', node, role, boot: 3, oldest: 1, newest: 1, wallMs: startMs },
    {
      type: 'heartbeat',
      boot: 3,
      wallMs: startMs,
      recovering: false,
      feeds: holds ? feeds : [],
      lanes: [],
      configEpochs: [1],
      upstream: role === 'theatre' ? 'cloud' : 'theatre',
    },
  ];
}

export const framesOf = (messages: readonly Message[]): Uint8Array[] =>
  messages.map((message) => encodeFrame(message));
