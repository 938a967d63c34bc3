import { isFoyerError } from '@foyer/contracts';
import type { Logger } from '@foyer/platform';

/**
 * Does work that writes and that will come round again: a full disk is logged, not thrown.
 * @returns false when the disk was full.
 */
export function withRoom(name: string, logger: Logger, work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (!isFoyerError(error) || error.code !== 'disk-full') throw error;
    logger.error('disk-full', { work: name });
    return false;
  }
}
