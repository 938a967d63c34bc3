import type { Layer } from './layer.ts';

/** What is on top of everything, or nothing. */
export type Cover = 'emergency' | 'standby' | null;

/**
 * The glass, from the bottom up: the house's own fallback, which needs nothing; two layers, one
 * above the other; the cover of an emergency or of a screen that is dark on purpose. Nothing is
 * ever taken away: what comes on is put above what was there.
 */
export class Stage {
  readonly element: HTMLElement;
  readonly #ground: HTMLElement;
  readonly #emergency: HTMLElement;
  readonly #standby: HTMLElement;
  readonly #layers: readonly [Layer, Layer];
  #front: Layer | null = null;
  #cover: Cover = null;

  constructor(layers: readonly [Layer, Layer], ground: HTMLElement, emergency: HTMLElement) {
    this.#layers = layers;
    this.#ground = ground;
    this.#emergency = emergency;
    this.#standby = document.createElement('div');
    this.#standby.className = 'cover standby';
    emergency.classList.add('cover');
    this.element = document.createElement('main');
    this.element.className = 'stage';
    const [one, two] = layers;
    this.element.append(ground, one.element, two.element, this.#standby, emergency);
    this.#arrange();
  }

  get front(): Layer | null {
    return this.#front;
  }

  get cover(): Cover {
    return this.#cover;
  }

  /** The layer that nobody sees, where the next content is made ready. */
  get hidden(): Layer {
    const [one, two] = this.#layers;
    return this.#front === one ? two : one;
  }

  /** The hidden layer comes on, in the frame that is painted next. */
  swap(loop: boolean): void {
    const next = this.hidden;
    next.start(loop);
    this.#front = next;
    this.#arrange();
  }

  /** Nothing is scheduled: the fallback shows. */
  toGround(): void {
    this.#front = null;
    this.#arrange();
  }

  setCover(cover: Cover): void {
    if (this.#cover === cover) return;
    this.#cover = cover;
    this.#arrange();
  }

  /** Whether whoever stands before the screen sees something that is meant. */
  hasPixels(): boolean {
    if (this.#cover === 'standby') return true;
    if (this.#cover === 'emergency') return this.#emergency.textContent !== '';
    if (this.#front !== null) return this.#front.hasPixels();
    return this.#ground.textContent !== '';
  }

  /** What is uppermost, for samples of pixels. */
  get uppermost(): HTMLElement {
    if (this.#cover === 'emergency') return this.#emergency;
    if (this.#cover === 'standby') return this.#standby;
    return this.#front?.element ?? this.#ground;
  }

  #arrange(): void {
    for (const layer of this.#layers) {
      const isFront = layer === this.#front;
      layer.element.style.zIndex = isFront ? '3' : '1';
      layer.element.ariaHidden = isFront && this.#cover === null ? null : 'true';
    }
    // Above the layer that is made ready, beneath the one that is on.
    this.#ground.style.zIndex = '2';
    this.#ground.ariaHidden = this.#front === null && this.#cover === null ? null : 'true';
    this.#standby.style.visibility = this.#cover === 'standby' ? 'visible' : 'hidden';
    this.#emergency.style.visibility = this.#cover === 'emergency' ? 'visible' : 'hidden';
  }
}
