import { FoyerError } from '@foyer/contracts';
import type { RequestHandler } from 'express';

import { isLoopbackHost } from '../loopback.ts';

/** Why a request is not one of this machine's programs or of a page that this server gave out. */
export type ForeignRequest = 'foreign-host' | 'foreign-origin';

/** The headers by which a browser tells where a request comes from. */
export interface OriginHeaders {
  host?: string | undefined;
  origin?: string | undefined;
  'sec-fetch-site'?: string | string[] | undefined;
  'sec-fetch-mode'?: string | string[] | undefined;
}

/**
 * Judges where a request to a loopback server comes from. A browser on this box reaches loopback on
 * behalf of any page: under a name of its own that was made to point here (DNS rebinding), which
 * its Host header shows, or across origins, which Origin and Sec-Fetch-Site show. Programs send
 * neither of the last two. Following a link from elsewhere to a page of this server is allowed.
 */
export function refuseForeign(headers: OriginHeaders): ForeignRequest | null {
  const { host = '', origin } = headers;
  if (!isLoopbackHost(host.replace(/:\d{1,5}$/, ''))) return 'foreign-host';
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`) {
    return 'foreign-origin';
  }
  const crossSite = headers['sec-fetch-site'] === 'cross-site';
  return crossSite && headers['sec-fetch-mode'] !== 'navigate' ? 'foreign-origin' : null;
}

/**
 * Lets only this machine's programs and this server's own pages through; anything else is answered
 * 403. Mount it before everything else.
 */
export function localOnly(onRefused: (reason: ForeignRequest) => void = () => {}): RequestHandler {
  return (request, _response, next) => {
    const reason = refuseForeign(request.headers);
    if (reason === null) {
      next();
      return;
    }
    onRefused(reason);
    throw new FoyerError('identity-refused', 'This address answers programs of this box only.', {
      whatToDo: 'Open it as http://127.0.0.1 with its port, on the box itself.',
    });
  };
}
