import { open, readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';

import { FoyerError, type Media, type Sha256, type TheatreNo } from '@foyer/contracts';

import { checkImage, renderImage } from '../adapters/media/images.ts';
import type { MediaStore, StagedFile } from '../adapters/media/media-store.ts';
import { checkVideo } from '../adapters/media/videos.ts';
import {
  findEntry,
  listEntries,
  listTheatres,
  lockTheatre,
  needTheatre,
  putEntry,
  removeEntry,
} from '../adapters/store/catalogue.ts';
import { checkMediaFree, checkRoom, fitting } from '../domain/content.ts';
import { changeOf, removalOf } from '../domain/feed-rows.ts';
import { fileKindOf, renditionPlan, sniffBytes, type FileKind } from '../domain/media.ts';
import { write, type ServiceContext } from './context.ts';

/** A template is one file, read whole. */
const maxTemplateBytes = 1_048_576;
/** Uploads at once; each may hold a decoder. */
const maxUploads = 4;
/** A file that nothing names any more stays so long: players may be fetching it. */
const unusedKeptMs = 86_400_000;

type Facts = Pick<Media, 'widthPx' | 'heightPx' | 'durationMs' | 'thumbprint'>;

/** Files that screens show: checked on entry, prepared for the sizes of the screens. */
export class MediaService {
  readonly #context: ServiceContext;
  readonly #files: MediaStore | null;
  #uploads = 0;
  #preparing: Promise<void> = Promise.resolve();
  #closed = false;

  /** `files` null: a cloud without files of screens. */
  constructor(context: ServiceContext, files: MediaStore | null) {
    this.#context = context;
    this.#files = files;
  }

  get #store(): MediaStore {
    if (this.#files !== null) return this.#files;
    throw new FoyerError('dependency-missing', 'This cloud has no media store.', {
      whatToDo: 'Set media.path in the configuration of the cloud worker.',
    });
  }

  /** Where the file lies. Throws `not-found`. */
  async pathOf(sha256: Sha256): Promise<string> {
    if (await this.#store.has(sha256)) return this.#store.pathOf(sha256);
    throw new FoyerError('not-found', `There is no file ${sha256}.`);
  }

  /** Takes a file of a theatre from a request's body. The same file again changes its name only. */
  async put(
    theatreNo: TheatreNo,
    sha256: Sha256,
    name: string,
    request: IncomingMessage,
  ): Promise<Media> {
    await needTheatre(this.#context.store.db, theatreNo);
    if (this.#uploads >= maxUploads) {
      throw new FoyerError('queue-full', `${maxUploads} files are being taken in already.`);
    }
    this.#uploads += 1;
    try {
      const staged = await this.#store.receive(request, sha256);
      try {
        return await this.#take(theatreNo, { sha256, name }, staged);
      } finally {
        await staged.discard();
      }
    } finally {
      this.#uploads -= 1;
    }
  }

  /** Forgets a file that no item of the theatre shows. */
  async remove(theatreNo: TheatreNo, sha256: Sha256): Promise<{ removed: boolean }> {
    return write<{ removed: boolean }>(this.#context, theatreNo, async (tx) => {
      await lockTheatre(tx, this.#context.store.kind, theatreNo);
      if ((await findEntry(tx, theatreNo, 'media', sha256)) === undefined) {
        return { value: { removed: false }, changes: [] };
      }
      checkMediaFree(sha256, await listEntries(tx, theatreNo, 'item'));
      await removeEntry(tx, theatreNo, 'media', sha256);
      return { value: { removed: true }, changes: [removalOf('media', sha256)] };
    });
  }

  /** Makes what the theatre's screens lack, after the work in hand. Returns at once. */
  prepare(theatreNo: TheatreNo): void {
    if (this.#files === null) return;
    const { logger } = this.#context;
    this.#preparing = this.#preparing
      .then(() => this.#prepareAll(theatreNo))
      .catch((error: unknown) => {
        logger.error('media-not-prepared', { theatreNo, reason: String(error) });
      });
  }

  /** Prepares for every theatre: what an earlier worker did not get to. */
  async resume(): Promise<void> {
    for (const { theatreNo } of await listTheatres(this.#context.store.db)) this.prepare(theatreNo);
  }

  /** Resolves when nothing is left to prepare. */
  async settled(): Promise<void> {
    for (let seen: unknown = null; seen !== this.#preparing;) {
      seen = this.#preparing;
      await this.#preparing;
    }
  }

  /** Removes files that nothing names since a day. @returns how many. */
  async sweep(): Promise<number> {
    if (this.#files === null) return 0;
    const { store, clock } = this.#context;
    const used = new Set<Sha256>();
    for (const { theatreNo } of await listTheatres(store.db)) {
      for (const { sha256, renditions } of await listEntries(store.db, theatreNo, 'media')) {
        for (const name of [sha256, ...renditions.map((one) => one.sha256)]) used.add(name);
      }
    }
    return this.#files.sweep(clock.nowMs() - unusedKeptMs, (sha256) => used.has(sha256));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.settled();
  }

  async #take(
    theatreNo: TheatreNo,
    { sha256, name }: { sha256: Sha256; name: string },
    staged: StagedFile,
  ): Promise<Media> {
    const file = await kindOf(staged);
    const facts = await factsOf(file, staged);
    const { sizeBytes } = staged;
    const row: Media = { sha256, name, ...file, sizeBytes, ...facts, renditions: [] };
    // The file first: a row in a feed must never name what cannot be fetched.
    await staged.keep();
    if (row.kind === 'image') {
      const screens = await listEntries(this.#context.store.db, theatreNo, 'screen');
      row.renditions = await this.#render(row, renditionPlan(row, screens).make);
    }
    return write(this.#context, theatreNo, async (tx) => {
      await lockTheatre(tx, this.#context.store.kind, theatreNo);
      const all = await listEntries(tx, theatreNo, 'media');
      checkRoom('media', all.length, !all.some((media) => media.sha256 === sha256));
      const change = fitting(changeOf('media', row));
      await putEntry(tx, theatreNo, 'media', sha256, row);
      return { value: row, changes: [change] };
    });
  }

  async #render(
    media: Media,
    sizes: readonly { widthPx: number; heightPx: number }[],
  ): Promise<Media['renditions']> {
    const made: Media['renditions'] = [];
    for (const size of sizes) {
      const bytes = await renderImage(this.#store.pathOf(media.sha256), size);
      const sha256 = await this.#store.put(bytes);
      made.push({ sha256, mime: 'image/webp', sizeBytes: bytes.byteLength, ...size });
    }
    return made;
  }

  async #prepareAll(theatreNo: TheatreNo): Promise<void> {
    const { db } = this.#context.store;
    const screens = await listEntries(db, theatreNo, 'screen');
    for (const media of await listEntries(db, theatreNo, 'media')) {
      if (this.#closed) return;
      if (media.kind !== 'image') continue;
      const plan = renditionPlan(media, screens);
      if (plan.same) continue;
      const renditions = [...plan.kept, ...(await this.#render(media, plan.make))];
      await this.#setRenditions(theatreNo, { ...media, renditions });
    }
  }

  async #setRenditions(theatreNo: TheatreNo, { sha256, renditions }: Media): Promise<void> {
    await write(this.#context, theatreNo, async (tx) => {
      await lockTheatre(tx, this.#context.store.kind, theatreNo);
      const now = await findEntry(tx, theatreNo, 'media', sha256);
      if (now === undefined) return { value: undefined, changes: [] };
      const row = { ...now, renditions };
      await putEntry(tx, theatreNo, 'media', sha256, row);
      return { value: undefined, changes: [fitting(changeOf('media', row))] };
    });
  }
}

async function kindOf({ path }: StagedFile): Promise<FileKind> {
  const head = new Uint8Array(sniffBytes);
  const file = await open(path, 'r');
  let read = 0;
  try {
    read = (await file.read(head)).bytesRead;
  } finally {
    await file.close();
  }
  const kind = fileKindOf(head.subarray(0, read));
  if (kind !== null) return kind;
  throw new FoyerError('image-unreadable', 'The file is nothing that a screen can show.', {
    whatToDo: 'Send a PNG, JPEG or WebP image, an MP4 or WebM film, or an HTML template.',
  });
}

async function factsOf(file: FileKind, { path, sizeBytes }: StagedFile): Promise<Facts> {
  const none = { durationMs: null, thumbprint: null };
  if (file.kind === 'image') return { ...none, ...(await checkImage(path)) };
  if (file.kind === 'video') return { ...none, ...(await checkVideo(path, file.mime)) };
  if (sizeBytes > maxTemplateBytes) {
    const sentence = `A template has at most ${maxTemplateBytes} bytes, this one ${sizeBytes}.`;
    throw new FoyerError('body-too-large', sentence);
  }
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
  } catch (cause) {
    throw new FoyerError('image-unreadable', 'The template is not UTF-8.', {
      cause,
      whatToDo: 'Save the template as UTF-8 and send it again.',
    });
  }
  return { ...none, widthPx: 0, heightPx: 0 };
}
