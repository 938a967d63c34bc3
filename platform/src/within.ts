import { FoyerError } from '@foyer/contracts';

import type { Clock } from './clock.ts';

/**
 * What `work` comes to, unless it takes longer: then FoyerError `timeout`. The SDKs of AWS have
 * promises that never settle.
 *
 * @param what names the work, in the message and as the timer's name
 */
export async function within<T>(
  clock: Clock,
  what: string,
  limitMs: number,
  work: Promise<T>,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = clock.setTimer(what, limitMs, () => {
      reject(new FoyerError('timeout', `No end of "${what}" within ${limitMs} ms.`));
    });
    work.then(resolve, reject).finally(() => timer.cancel());
  });
}
