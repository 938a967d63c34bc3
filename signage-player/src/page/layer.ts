import type { Item } from '@foyer/contracts';

import type { BoardData } from '@foyer/contracts';
import type { BoardSet } from './boards/set.ts';
import { Unshowable, objectOf, type Content } from './content.ts';
import { MediaMissing, type HeldMedia, type MediaCache } from './media-cache.ts';
import { TemplateFrame, templateSilenceMs } from './template-frame.ts';
import { VideoPlayer } from './video-player.ts';

/** What a board or a template of `item` shows at this moment; null where nothing is known yet. */
export type DataOf = (item: Item) => BoardData | null;

const sameShape = 0.06;

/**
 * One of the two layers. Its elements are made once; a play gives them a source and takes it away
 * again. It is opaque, fills the screen, and lies above or beneath the other.
 */
export class Layer {
  readonly element: HTMLDivElement;
  readonly #media: MediaCache;
  readonly #boards: BoardSet;
  readonly #image = new Image();
  readonly #video = new VideoPlayer();
  #frame: TemplateFrame | null = null;
  #held: HeldMedia | null = null;
  #work = new AbortController();
  #content: Content | null = null;
  #isReady = false;

  constructor(media: MediaCache, boards: BoardSet) {
    this.#media = media;
    this.#boards = boards;
    this.element = document.createElement('div');
    this.element.className = 'layer';
    this.#image.className = 'media';
    this.#image.decoding = 'sync';
    this.#image.alt = '';
    this.element.append(this.#image, this.#video.element, boards.element);
    this.#reveal(null);
  }

  get content(): Content | null {
    return this.#content;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  get video(): HTMLVideoElement {
    return this.#video.element;
  }

  get image(): HTMLImageElement {
    return this.#image;
  }

  get board(): HTMLElement {
    return this.#boards.element;
  }

  /**
   * Loads and decodes `content` while the other layer is on.
   *
   * @param positionMs - Where a film begins: its own start, or where the other screens are by then.
   * @throws {Unshowable} When it cannot be shown; the layer is empty then.
   */
  async prepare(content: Content, positionMs: number, dataOf: DataOf): Promise<void> {
    this.clear();
    const work = this.#work;
    this.#content = content;
    try {
      await this.#load(content, positionMs, dataOf, work.signal);
      if (work.signal.aborted) throw new Error('no longer wanted');
      this.#isReady = true;
    } catch (error) {
      if (this.#work === work) this.clear();
      throw faultOf(content, error);
    }
  }

  /** It comes on: a film runs. */
  start(loop: boolean): void {
    if (this.#content?.kind !== 'video') return;
    this.#video.element.loop = loop;
    this.#video.start();
  }

  /** Live state or time went on. */
  update(dataOf: DataOf): void {
    const content = this.#content;
    if (content?.kind !== 'board' && content?.kind !== 'template') return;
    const data = dataOf(content.item);
    if (data === null) return;
    if (content.kind === 'board') this.#boards.draw(data);
    else this.#frame?.send(data);
  }

  steer(expectedMs: number): void {
    if (this.#content?.kind === 'video') this.#video.steer(expectedMs);
  }

  /** What a film or a template has against itself while it is on; null where all is well. */
  complaint(): Unshowable | null {
    const content = this.#content;
    if (content?.kind === 'video' && this.#video.failed !== null)
      return new Unshowable('media-unplayable', objectOf(content), this.#video.failed);
    if (content?.kind === 'template' && (this.#frame?.silentMs ?? 0) > templateSilenceMs)
      return new Unshowable('template-broken', objectOf(content), 'silent');
    return null;
  }

  /** Whether there is something to see in it at this moment. */
  hasPixels(): boolean {
    if (!this.#isReady || this.#content === null) return false;
    if (this.#content.kind === 'image') return this.#image.complete && this.#image.naturalWidth > 0;
    if (this.#content.kind === 'video') return this.#video.element.readyState >= 2;
    if (this.#content.kind === 'board') return this.#boards.element.textContent !== '';
    return this.#frame !== null;
  }

  clear(): void {
    this.#work.abort();
    this.#work = new AbortController();
    this.#isReady = false;
    this.#content = null;
    this.#video.clear();
    if (this.#image.hasAttribute('src')) this.#image.removeAttribute('src');
    this.#frame?.close();
    this.#frame = null;
    this.#held?.release();
    this.#held = null;
    this.#reveal(null);
  }

  async #load(
    content: Content,
    positionMs: number,
    dataOf: DataOf,
    signal: AbortSignal,
  ): Promise<void> {
    if (content.kind === 'board') {
      const data = dataOf(content.item);
      if (data === null) throw new Error('no data for it');
      this.#reveal(this.#boards.element);
      return this.#boards.draw(data);
    }
    if (content.kind === 'template') return this.#loadTemplate(content, dataOf, signal);
    const held = await this.#media.hold(content.file);
    if (signal.aborted) return held.release();
    this.#held = held;
    if (content.kind === 'image') {
      this.#image.src = held.url;
      await this.#image.decode();
      if (signal.aborted) return;
      this.#fit(this.#image, this.#image.naturalWidth / this.#image.naturalHeight);
    } else {
      this.#reveal(this.#video.element);
      await this.#video.load(held.url, signal);
      const { videoWidth, videoHeight } = this.#video.element;
      if (videoWidth === 0) throw new Error('no picture in it');
      this.#fit(this.#video.element, videoWidth / videoHeight);
      if (positionMs > 0) await this.#video.seek(positionMs, signal);
    }
  }

  async #loadTemplate(
    content: Content & { kind: 'template' },
    dataOf: DataOf,
    signal: AbortSignal,
  ): Promise<void> {
    const html = await this.#media.text(content.file);
    if (signal.aborted) return;
    const frame = new TemplateFrame();
    this.#frame = frame;
    this.element.append(frame.element);
    this.#reveal(frame.element);
    await frame.load(html, dataOf(content.item), signal);
  }

  // A picture of nearly the screen's shape fills it; another is shown whole, on the house's ground.
  #fit(element: HTMLElement, shape: number): void {
    const own = this.element.clientWidth / this.element.clientHeight;
    element.style.objectFit = Math.abs(shape / own - 1) <= sameShape ? 'cover' : 'contain';
    this.#reveal(element);
  }

  #reveal(shown: HTMLElement | null): void {
    for (const element of [this.#image, this.#video.element, this.#boards.element])
      element.style.display = element === shown ? '' : 'none';
  }
}

function faultOf(content: Content, error: unknown): Error {
  if (error instanceof Unshowable) return error;
  const why = error instanceof Error ? error.message : 'unknown';
  if (why === 'no longer wanted') return new Error(why);
  if (error instanceof MediaMissing) return new Unshowable('media-missing', error.sha256, why);
  const code = content.kind === 'template' ? 'template-broken' : 'media-unplayable';
  return new Unshowable(code, objectOf(content), why);
}
