import { Cloud, openStore, type CloudDeps } from '@foyer/cloud-sync';
import { ed25519Signer, nodeClock } from '@foyer/platform/node';
import { simLogger, SimRandom, type LogRecord } from '@foyer/platform/sim';
import type { Link } from '@foyer/platform';

import { describeError, Misbehaviour } from '../target.ts';
import { nodeRow, showNo, theatreNo } from './house.ts';

export const apiKey = 'fuzz-key-0123456789';

/** Events of the cloud's log that tell of an error that somebody caught. */
const defects = new Set([
  'request-failed',
  'message-not-handled',
  'push-not-taken',
  'dead-letter-lost',
  'background-work-failed',
  'hint-not-sent',
]);

/** Charges what it is asked to, by the token's start, and keeps nothing. */
function paymentOf(): CloudDeps['payment'] {
  const chargeId = '00000000-0000-4000-8000-000000000001';
  return {
    charge({ token }) {
      if (token.startsWith('tok_declined')) return Promise.resolve({ outcome: 'declined' });
      if (token.startsWith('tok_dark')) return Promise.resolve({ outcome: 'unknown' });
      return Promise.resolve({ outcome: 'captured', chargeId });
    },
    refund: () => Promise.resolve('refunded'),
  };
}

/** A real cloud worker on a database in memory. */
export interface CloudRig {
  readonly cloud: Cloud;
  /** Throws what the log tells of defects. */
  assertNoDefect: () => void;
  close: () => Promise<void>;
}

/** @param openLink the nodes' link; null serves the API only. */
export async function openCloud(
  openLink: ((onStray: (topic: string, payload: Uint8Array) => void) => Link) | null,
): Promise<CloudRig> {
  const logger = simLogger(200);
  const store = await openStore({ kind: 'sqlite', path: ':memory:' }, logger);
  const seed = Buffer.alloc(32, 7).toString('base64url');
  const cloud = await Cloud.start({
    listen: openLink === null ? { host: '127.0.0.1', port: 0 } : null,
    apiKey,
    store,
    clock: nodeClock(),
    random: new SimRandom(1),
    logger,
    payment: paymentOf(),
    signer: { ...ed25519Signer(seed), keyId: 1 },
    openLink,
  });
  await furnish(cloud);
  return {
    cloud,
    assertNoDefect() {
      // An error of ours that was answered with its status is no defect.
      const isDefect = ({ event, fields }: LogRecord): boolean =>
        defects.has(event) && !String(fields['reason']).startsWith('FoyerError');
      const defect = logger.records.find(isDefect);
      if (defect === undefined) return;
      const fields = JSON.stringify(defect.fields).slice(0, 1500);
      throw new Misbehaviour(`An error was logged: ${defect.event} ${fields}`);
    },
    close: () => cloud.close(),
  };
}

async function furnish({ catalogue }: Cloud): Promise<void> {
  try {
    await catalogue.putTheatre(theatreNo, theatreInput);
    await catalogue.putAuditorium(theatreNo, 'a1', auditoriumInput);
    await catalogue.putFilm(theatreNo, 'f1', filmInput);
    await catalogue.putNodes(theatreNo, nodesInput);
    await catalogue.putShow(theatreNo, showNo, showInput());
  } catch (error) {
    throw new Error(`The rig's own catalogue is wrong: ${describeError(error)}`);
  }
}

export const theatreInput = {
  theatreNo,
  name: 'Lumen',
  timeZone: 'Europe/Berlin',
  currency: 'EUR',
  doorsOpenBeforeMin: 30,
  doorsCloseAfterMin: 60,
  staleAfterMin: 60,
  classes: { default: { mode: 'open' as const } },
};
export const auditoriumInput = {
  auditorium: 'a1',
  name: 'Screen 1',
  directions: 'on your left',
  seatMap: { rows: ['A', 'B', 'C'].map((row) => ({ row, seats: 20 })) },
};
export const filmInput = { filmId: 'f1', title: 'Film', runtimeMin: 90, rating: '6', minAge: 6 };
export const showInput = (number = showNo) => ({
  showNo: number,
  filmId: 'f1',
  auditorium: 'a1',
  startsAtMs: Date.now() + 3_600_000,
  priceMinor: 1250,
});
export const nodesInput = {
  nodes: [
    nodeRow('theatre', 'theatre'),
    nodeRow('gate-1', 'gate'),
    nodeRow('gate-2', 'gate'),
    nodeRow('screen-1', 'screen'),
  ],
};
