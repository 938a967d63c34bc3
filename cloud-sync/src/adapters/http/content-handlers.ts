import type { contentOperations, Sha256 } from '@foyer/contracts';
import type { Handlers } from '@foyer/platform/http';
import type { Response } from 'express';

import type { ContentService } from '../../services/content-service.ts';
import type { ServiceContext } from '../../services/context.ts';
import type { MediaService } from '../../services/media-service.ts';
import { listPlays, screenLog } from '../../services/play-reports.ts';

const keptS = 31_536_000;

/** What `sendFile` reports of a Range that lies beyond the file, with the header that says so. */
function isBeyondTheEnd(error: Error): error is Error & { headers: Record<string, string> } {
  return 'status' in error && error.status === 416 && 'headers' in error;
}

/**
 * Sends a file, or the part that the request's Range names. It never changes: its name is its hash.
 * Always as bytes and never as a page of this origin, since a template is somebody's HTML.
 */
function sendMedia(response: Response, path: string, sha256: Sha256): Promise<undefined> {
  response.set({
    'content-type': 'application/octet-stream',
    'content-security-policy': "default-src 'none'; sandbox",
    'cross-origin-resource-policy': 'cross-origin',
    'cache-control': `public, max-age=${keptS}, immutable`,
    etag: `"${sha256}"`,
  });
  return new Promise((resolve, reject) => {
    response.sendFile(path, { acceptRanges: true, dotfiles: 'allow' }, (error) => {
      // A reader that goes away in the middle comes back with a Range.
      if (error === undefined || response.headersSent) resolve(undefined);
      else if (!isBeyondTheEnd(error)) reject(error);
      else {
        response.status(416).set(error.headers).end();
        resolve(undefined);
      }
    });
  });
}

/** The operations of the screens' content on their services. */
export function contentHandlers(options: {
  context: ServiceContext;
  content: ContentService;
  media: MediaService;
}): Handlers<typeof contentOperations> {
  const { content, media } = options;
  const { db } = options.context.store;
  return {
    content: ({ params }) => content.read(params.theatreNo),
    putSignage: ({ params, body }) => content.putSignage(params.theatreNo, body),
    putScreens: ({ params, body }) => content.putScreens(params.theatreNo, body.screens),
    putMedia: ({ params, query, request }) =>
      media.put(params.theatreNo, params.sha256, query.name, request),
    media: async ({ params, response }) =>
      sendMedia(response, await media.pathOf(params.sha256), params.sha256),
    removeMedia: ({ params }) => media.remove(params.theatreNo, params.sha256),
    putItem: ({ params, body }) => content.putItem(params.theatreNo, params.itemId, body),
    removeItem: ({ params }) => content.removeItem(params.theatreNo, params.itemId),
    putCampaign: ({ params, body }) =>
      content.putCampaign(params.theatreNo, params.campaignId, body),
    removeCampaign: ({ params }) => content.removeCampaign(params.theatreNo, params.campaignId),
    plays: ({ params, query }) => listPlays(db, params.theatreNo, query),
    screenLog: ({ params }) => screenLog(db, params.theatreNo),
  };
}
