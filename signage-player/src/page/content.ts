import type { Board, Item, Media, Programme, Screen } from '@foyer/contracts';

import { renditionFor, type Rendition } from '../domain/store/rendition.ts';

/** What a layer is asked to show. */
export type Content =
  | { readonly kind: 'image' | 'video'; readonly media: Media; readonly file: Rendition }
  | { readonly kind: 'board'; readonly board: Board; readonly item: Item }
  | { readonly kind: 'template'; readonly file: Rendition; readonly item: Item };

/** Something that cannot be shown, by the code that its fault is recorded under. */
export class Unshowable extends Error {
  readonly code: 'media-missing' | 'media-unplayable' | 'template-broken' | 'playback-stalled';
  readonly object: string;

  constructor(code: Unshowable['code'], object: string, why: string) {
    super(`${object}: ${why}`);
    this.code = code;
    this.object = object;
  }
}

/**
 * The content of an item on a screen.
 *
 * @throws {Unshowable} When the programme does not hold the file that the item names.
 */
export function contentOf(programme: Programme, screen: Screen, item: Item): Content {
  const { content } = item;
  if (content.kind === 'board') return { kind: 'board', board: content.board, item };
  const media = programme.media.find(({ sha256 }) => sha256 === content.sha256);
  if (!media) throw new Unshowable('media-missing', content.sha256, 'not in the programme');
  const file = renditionFor(media, screen);
  if (content.kind === 'template' || media.kind === 'template')
    return { kind: 'template', file, item };
  return { kind: media.kind, media, file };
}

/** The name that a fault of it carries. */
export const objectOf = (content: Content): string =>
  content.kind === 'board' ? content.item.itemId : content.file.sha256;
