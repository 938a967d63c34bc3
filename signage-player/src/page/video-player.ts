/** A film in a layer: one element for its whole life, a new source for each play. */
export class VideoPlayer {
  readonly element: HTMLVideoElement;
  #listeners = new AbortController();
  #failed: string | null = null;

  constructor() {
    const video = document.createElement('video');
    video.muted = true;
    video.playsInline = true;
    video.preload = 'auto';
    video.disableRemotePlayback = true;
    video.className = 'media';
    this.element = video;
  }

  /** Why the element gave up on its source; null while it has not. */
  get failed(): string | null {
    return this.#failed;
  }

  /** Resolves when the first frame is decoded and can be painted. */
  async load(url: string, signal: AbortSignal): Promise<void> {
    this.clear();
    const video = this.element;
    this.#failed = null;
    const own = { signal: this.#listeners.signal };
    video.addEventListener('error', () => (this.#failed ??= describe(video.error)), own);
    video.src = url;
    await event(video, 'loadeddata', signal);
    await firstFrame(video, signal);
  }

  /** Moves a film that is not on yet to where it must be when it comes on. */
  async seek(positionMs: number, signal: AbortSignal): Promise<void> {
    const video = this.element;
    const endS = Number.isFinite(video.duration) ? video.duration - 0.1 : Infinity;
    video.currentTime = Math.max(0, Math.min(positionMs / 1000, endS));
    await event(video, 'seeked', signal);
  }

  /** Runs; where it runs already nothing happens. */
  start(): void {
    if (!this.element.paused) return;
    this.element.play().catch((error: unknown) => {
      // Whoever clears the layer breaks off its play; that is no fault.
      if (error instanceof DOMException && error.name === 'AbortError') return;
      this.#failed ??= error instanceof Error ? error.message : 'play failed';
    });
  }

  /**
   * Keeps a film in step with the other screens that show it: a little faster or slower, so that
   * nobody sees it; a film that is far off is left alone (the watchdog judges it).
   */
  steer(expectedMs: number): void {
    const video = this.element;
    const offMs = video.currentTime * 1000 - expectedMs;
    const far = Math.abs(offMs) > 2000;
    const rate = far || Math.abs(offMs) < 40 ? 1 : offMs > 0 ? 0.97 : 1.03;
    if (video.playbackRate !== rate) video.playbackRate = rate;
  }

  clear(): void {
    this.#listeners.abort();
    this.#listeners = new AbortController();
    const video = this.element;
    if (!video.hasAttribute('src')) return;
    video.pause();
    video.removeAttribute('src');
    // Without this the decoder and its buffers live on until the next source.
    video.load();
    video.playbackRate = 1;
    video.loop = false;
  }
}

function describe(error: MediaError | null): string {
  return error === null ? 'unknown' : `${error.code} ${error.message}`.slice(0, 120);
}

function event(video: HTMLVideoElement, name: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const both = new AbortController();
    const options = { signal: both.signal };
    const done = (act: () => void): void => {
      both.abort();
      act();
    };
    video.addEventListener(name, () => done(resolve), options);
    video.addEventListener(
      'error',
      () => done(() => reject(new Error(describe(video.error)))),
      options,
    );
    signal.addEventListener(
      'abort',
      () => done(() => reject(new Error('no longer wanted'))),
      options,
    );
  });
}

const firstFrameMs = 400;

// A film under another layer may never be told that its frame was presented: decoded is enough.
function firstFrame(video: HTMLVideoElement, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.reject(new Error('no longer wanted'));
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, firstFrameMs);
    video.requestVideoFrameCallback(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
