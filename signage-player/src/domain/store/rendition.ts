import type { Media, Screen } from '@foyer/contracts';

/** A file to show: its name in the store, how to serve it, and how large it is. */
export interface Rendition {
  readonly sha256: string;
  readonly mime: string;
  readonly sizeBytes: number;
}

/**
 * The file of `media` that `screen` shows: the smallest that covers it in both directions, else
 * the original. Player and page both ask here, so that what is fetched is what is shown.
 */
export function renditionFor(
  media: Media,
  screen: Pick<Screen, 'widthPx' | 'heightPx'>,
): Rendition {
  let best: Media['renditions'][number] | undefined;
  for (const candidate of media.renditions) {
    const covers = candidate.widthPx >= screen.widthPx && candidate.heightPx >= screen.heightPx;
    if (!covers) continue;
    if (best === undefined || candidate.sizeBytes < best.sizeBytes) best = candidate;
  }
  const { sha256, mime, sizeBytes } = best ?? media;
  return { sha256, mime, sizeBytes };
}
