import {
  formatTicketCode,
  packCore,
  signatureBytes,
  type FeedRow,
  type NodeId,
  type TicketId,
  type TicketKind,
} from '@foyer/contracts';
import type { ReplicaView } from '../../../domain/admission/ports.ts';

/** The theatre that admission is tested in: number 7, in Berlin, one show at the epoch's noon. */
export const theatreNo = 7;
/** 2026-01-01T12:00:00Z, when tests begin; the show starts half an hour later. */
export const testStartMs = 1_767_268_800_000;
export const showNo = 41;

export interface House {
  theatre: FeedRow<'theatre'> | null;
  auditoriums: Map<string, FeedRow<'auditorium'>>;
  films: Map<string, FeedRow<'film'>>;
  shows: Map<number, FeedRow<'show'>>;
  nodes: Map<string, FeedRow<'node'>>;
  epochs: Map<number, FeedRow<'config-epoch'>>;
  keys: Map<number, FeedRow<'key'>>;
  tickets: Map<string, FeedRow<'ticket'>>;
  showKeys: Map<number, FeedRow<'show-key'>>;
  cursor: { seq: number; ageMs: number | null };
}

export function newHouse(admissionNodes: readonly NodeId[]): House {
  const node = (nodeId: NodeId): FeedRow<'node'> => ({
    nodeId,
    role: nodeId.startsWith('gate') ? 'gate' : 'theatre',
    name: nodeId.replace('gate-', 'Gate '),
    auditoriums: [],
    status: 'active',
    meshUrl: null,
  });
  const film = { filmId: 'f', title: 'Film', runtimeMin: 100, rating: '0', minAge: 0 };
  const show: FeedRow<'show'> = {
    showNo,
    filmId: 'f',
    auditorium: '5',
    startsAtMs: testStartMs + 1_800_000,
    delayMin: 0,
    status: 'scheduled',
    configEpoch: 1,
  };
  return {
    theatre: {
      theatreNo,
      name: 'Theatre',
      timeZone: 'Europe/Berlin',
      currency: 'EUR',
      doorsOpenBeforeMin: 60,
      doorsCloseAfterMin: 30,
      staleAfterMin: 60,
      classes: { default: { mode: 'open' }, premium: { mode: 'strict' } },
    },
    auditoriums: new Map([
      ['5', { auditorium: '5', name: 'Screen 5', directions: 'on your left', capacity: 100 }],
    ]),
    films: new Map([['f', film]]),
    shows: new Map([[showNo, show]]),
    nodes: new Map(admissionNodes.map((nodeId) => [nodeId, node(nodeId)])),
    epochs: new Map([[1, { configEpoch: 1, admissionNodes: [...admissionNodes] }]]),
    keys: new Map([[1, { keyId: 1, publicKey: 'k'.repeat(43), status: 'active' }]]),
    tickets: new Map(),
    showKeys: new Map([[showNo, { showNo, key: 's'.repeat(43) }]]),
    cursor: { seq: 9, ageMs: 0 },
  };
}

/** Reads through to the house of the moment, so that a test can change a node's view. */
export function viewOf(house: () => House): ReplicaView {
  return {
    ticket: (id) => house().tickets.get(id) ?? null,
    show: (no) => house().shows.get(no) ?? null,
    film: (id) => house().films.get(id) ?? null,
    auditorium: (id) => house().auditoriums.get(id) ?? null,
    theatre: () => house().theatre,
    key: (id) => house().keys.get(id) ?? null,
    showKey: (no) => house().showKeys.get(no) ?? null,
    configEpoch: (number) => house().epochs.get(number) ?? null,
    configEpochs: () => [...house().epochs.values()],
    node: (id) => house().nodes.get(id) ?? null,
    cursor: () => house().cursor,
  };
}

export function ticketIdOf(serial: number, entries = 1, theatre = theatreNo): TicketId {
  const head = theatre.toString(16).padStart(4, '0') + (entries - 1).toString(16);
  return head + serial.toString(16).padStart(11, '0');
}

export function ticketRow(
  ticketId: TicketId,
  change: Partial<FeedRow<'ticket'>> = {},
): FeedRow<'ticket'> {
  return {
    ticketId,
    bookingRef: '00000000',
    showNo,
    seat: 'A1',
    ticketClass: 'standard',
    status: 'valid',
    priceMinor: 1200,
    ...change,
  };
}

/** A code whose signature `verifyTest` accepts, or, `forged`, does not. */
export function codeOf(
  ticketId: TicketId,
  options: {
    kind?: TicketKind;
    keyId?: number;
    showNo?: number;
    forged?: boolean;
    step?: number;
  } = {},
): string {
  const core = packCore({
    kind: options.kind ?? 'static',
    keyId: options.keyId ?? 1,
    ticketId,
    showNo: options.showNo ?? showNo,
  });
  const signature = new Uint8Array(signatureBytes).fill(options.forged === true ? 0 : 1);
  const step = options.step === undefined ? undefined : stepCodeTest('', ticketId, options.step);
  return formatTicketCode(core, signature, step);
}

/** Stands in for Ed25519: admission only asks whether a signature is right. */
export function verifyTest(_key: string, _core: Uint8Array, signature: Uint8Array): boolean {
  return signature[0] === 1;
}

/** Stands in for the HMAC of a time step. */
export function stepCodeTest(_showKey: string, ticketId: TicketId, step: number): Uint8Array {
  const code = new Uint8Array(6);
  new DataView(code.buffer).setUint32(0, step % 2 ** 32);
  code[5] = Number.parseInt(ticketId.slice(-2), 16);
  return code;
}
