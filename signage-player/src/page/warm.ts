import type { Programme, Screen } from '@foyer/contracts';

import type { Slot } from '../domain/schedule/index.ts';
import { renditionFor, type Rendition } from '../domain/store/rendition.ts';
import type { ProgrammeMessage } from '../wire.ts';
import { contentOf } from './content.ts';

const aheadMs = 3_600_000;
const mostSlots = 240;

/**
 * Files of the slots of the coming hour in the order of their turns, then the others that this
 * screen may show: a page without its player goes through a whole evening.
 */
export function comingFiles(
  { programme, ready }: Pick<ProgrammeMessage, 'programme' | 'ready'>,
  screen: Screen,
  decide: (nowMs: number) => Slot | null,
  nowMs: number,
): Rendition[] {
  const files = new Map<string, Rendition>();
  let atMs = nowMs;
  for (let turn = 0; turn < mostSlots && atMs < nowMs + aheadMs; turn += 1) {
    const slot = decide(atMs);
    if (slot === null) break;
    if (slot.kind === 'item' && slot.item !== null) {
      const file = fileOf(programme, screen, slot.item);
      if (file !== null) files.set(file.sha256, file);
    }
    atMs = slot.endMs;
  }
  const here = new Set(ready);
  for (const media of programme.media) {
    const file = renditionFor(media, screen);
    if (here.has(file.sha256)) files.set(file.sha256, file);
  }
  return [...files.values()];
}

function fileOf(programme: Programme, screen: Screen, item: Slot['item']): Rendition | null {
  if (item === null || item.content.kind === 'board') return null;
  try {
    const content = contentOf(programme, screen, item);
    return content.kind === 'board' ? null : content.file;
  } catch {
    return null;
  }
}
