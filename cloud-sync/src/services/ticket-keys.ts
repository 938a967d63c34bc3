import { FoyerError, type FeedRow, type TheatreNo } from '@foyer/contracts';

import { findEntry, putEntry } from '../adapters/store/catalogue.ts';
import type { Tx } from '../adapters/store/database.ts';
import { changeOf, type FeedChange } from '../domain/feed-rows.ts';
import type { PublishedKey, TicketSigner } from '../domain/ports.ts';

type KeyRow = FeedRow<'key'>;

/** The key's row as it shall be; null where there is nothing to change. */
function nextRow(known: KeyRow | undefined, key: PublishedKey, signs: boolean): KeyRow | null {
  const { keyId, status } = key;
  const publicKey = key.publicKey ?? known?.publicKey;
  if (known !== undefined && known.publicKey !== publicKey) {
    throw new FoyerError(
      'config-invalid',
      `Key id ${keyId} is taken by another key; tickets signed with it are in use.`,
      { whatToDo: 'Give the new signing key a keyId that was never used.' },
    );
  }
  if (known?.status === 'revoked' && status !== 'revoked') {
    const use = signs ? 'nothing can be signed with it' : 'it stays so';
    throw new FoyerError('config-invalid', `Key id ${keyId} was revoked: ${use}.`, {
      whatToDo: 'Sign with a new key, under a keyId that was never used.',
    });
  }
  if (publicKey === undefined) {
    // A theatre that never had the key has no tickets of it.
    if (status !== 'active') return null;
    throw new FoyerError('config-invalid', `Key id ${keyId} is new: its public key is needed.`, {
      whatToDo: 'Give the key in keys a publicKey or a signingKeyPath.',
    });
  }
  return known?.status === status ? null : { keyId, publicKey, status };
}

/**
 * Brings the keys of a theatre to what the configuration says, and tells what changed. Throws
 * FoyerError `config-invalid` where a key id stands for another key or was revoked.
 */
export async function publishTicketKeys(
  tx: Tx,
  theatreNo: TheatreNo,
  signer: TicketSigner,
  others: readonly PublishedKey[],
): Promise<FeedChange[]> {
  const { keyId, publicKey } = signer;
  const changes: FeedChange[] = [];
  for (const key of [{ keyId, publicKey, status: 'active' as const }, ...others]) {
    const known = await findEntry(tx, theatreNo, 'key', key.keyId);
    const row = nextRow(known, key, key.keyId === keyId);
    if (row === null) continue;
    await putEntry(tx, theatreNo, 'key', row.keyId, row);
    changes.push(changeOf('key', row));
  }
  return changes;
}
