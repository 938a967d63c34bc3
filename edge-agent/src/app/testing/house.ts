import {
  columnsOf,
  feedTables,
  formatTicketCode,
  packCore,
  plainItem,
  plainScreen,
  type FeedRow,
  type FeedTable,
  type Role,
  type TicketId,
} from '@foyer/contracts';
import type { FeedRecord } from '@foyer/cloud-sync/engine';
import { ed25519Signer, type Signer } from '@foyer/platform/node';

export const theatreNo = 1;
export const showNo = 7;
const signer = ed25519Signer(Buffer.alloc(32, 7).toString('base64url'));
const keyId = 1;
const house = { ...signer, keyId };

/** A row as a feed carries it. */
export function recordOf<T extends FeedTable>(table: T, row: FeedRow<T>, seq: number): FeedRecord {
  const { key, group } = feedTables[table];
  const columns = columnsOf(table);
  const values = row as Readonly<Record<string, unknown>>;
  return {
    table,
    key: String(values[key]),
    group: group === null ? '' : String(values[group]),
    seq,
    columns,
    enc: JSON.stringify(columns.map((column) => values[column] ?? null)),
  };
}

type Row = { [T in FeedTable]: readonly [T, FeedRow<T>] }[FeedTable];

/** The role that a test's node has by its name. */
export function roleOf(nodeId: string): Role {
  if (nodeId === 'theatre') return 'theatre';
  return nodeId.startsWith('screen-') ? 'screen' : 'gate';
}

export function nodeRow(
  nodeId: string,
  status: 'active' | 'revoked' = 'active',
  role = roleOf(nodeId),
): Row {
  return ['node', { nodeId, role, name: nodeId, auditoriums: [], status, meshUrl: null }];
}

/** A theatre with one show that begins in ten minutes, and these nodes. */
export function houseRows(nodes: readonly string[], nowMs: number): Row[] {
  const admitting = nodes.filter((node) => roleOf(node) !== 'screen');
  const admissionNodes = admitting.filter((node) => node !== 'theatre' || admitting.length < 4);
  return [
    [
      'theatre',
      {
        theatreNo,
        name: 'Test',
        timeZone: 'Europe/Berlin',
        currency: 'EUR',
        doorsOpenBeforeMin: 60,
        doorsCloseAfterMin: 60,
        staleAfterMin: 60,
        classes: { default: { mode: 'open' } },
      },
    ],
    ['auditorium', { auditorium: 'A', name: 'Screen 1', directions: 'left', capacity: 100 }],
    ['film', { filmId: 'f', title: 'Film', runtimeMin: 90, rating: '0', minAge: 0 }],
    [
      'show',
      {
        showNo,
        filmId: 'f',
        auditorium: 'A',
        startsAtMs: nowMs + 600_000,
        delayMin: 0,
        status: 'scheduled',
        configEpoch: 1,
      },
    ],
    ...nodes.map((node) => nodeRow(node)),
    ['config-epoch', { configEpoch: 1, admissionNodes }],
    ['key', { keyId, publicKey: signer.publicKey, status: 'active' }],
  ];
}

export const ticketId = (n: number): TicketId => `00010${n.toString(16).padStart(11, '0')}`;

export function ticketRow(n: number): Row {
  return [
    'ticket',
    {
      ticketId: ticketId(n),
      bookingRef: 'ABCDEFGH',
      showNo,
      seat: `A${n}`,
      ticketClass: 'adult',
      status: 'valid',
      priceMinor: 1200,
    },
  ];
}

/** The text in the QR code of a ticket; of another key's when one is given. */
export function codeOf(n: number, key: Pick<Signer, 'sign'> & { keyId: number } = house): string {
  const core = packCore({ kind: 'static', keyId: key.keyId, ticketId: ticketId(n), showNo });
  return formatTicketCode(core, key.sign(core));
}

/** What makes a theatre one with screens: one at each box, `screen-1` has `lobby-1`. */
export function signageRows(boxes: readonly string[]): Row[] {
  return [
    [
      'signage',
      {
        theatreNo,
        brand: { name: 'Test', ground: '#000000', accent: '#ffffff' },
        featureAfterStartMin: 15,
        lastCallBeforeFeatureMin: 5,
        cleaningMin: 20,
      },
    ],
    ...boxes.map((nodeId): Row => ['screen', screenOf(nodeId)]),
    ['item', itemOf('welcome', 'Welcome')],
  ];
}

export function screenOf(nodeId: string): FeedRow<'screen'> {
  return {
    ...plainScreen,
    screenId: nodeId.replace('screen', 'lobby'),
    name: nodeId,
    kind: 'lobby',
    nodeId,
    widthPx: 1280,
    heightPx: 720,
  };
}

export function itemOf(itemId: string, name: string): FeedRow<'item'> {
  return {
    ...plainItem,
    itemId,
    name,
    content: { kind: 'board', board: 'promotion' },
    data: { headline: name },
    durationMs: 8000,
  };
}
