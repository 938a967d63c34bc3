import { FoyerError } from '@foyer/contracts';
import type { RequestHandler } from 'express';

/** Answers `queue-full` to requests beyond so many that are being answered. */
export function atMostInFlight(most: number): RequestHandler {
  let inFlight = 0;
  return (_request, response, next) => {
    if (inFlight >= most) {
      throw new FoyerError('queue-full', `${most} requests are being answered already.`);
    }
    inFlight += 1;
    response.once('close', () => {
      inFlight -= 1;
    });
    next();
  };
}
