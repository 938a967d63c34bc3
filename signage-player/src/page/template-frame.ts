/*
 * A chain's own template: an HTML file in a frame without an origin. It loads nothing (what it
 * shows is inside the file, as data: URLs) and talks to nobody but the page:
 *
 *   page -> template   templateMessageSchema   at once, at each change and each second
 *   template -> page   templateWordSchema      when it has drawn its first data, and all further
 *
 * One that is not ready in 3 s, or silent for 3 s on the air, is broken and is skipped. Inline
 * scripts and styles run; event handlers in attributes and scripts from elsewhere do not.
 */

import { templateWordSchema, type BoardData } from '@foyer/contracts';

/** How long a template may be silent. */
export const templateSilenceMs = 3000;

const policy = [
  "default-src 'none'",
  "script-src 'unsafe-inline'",
  "style-src 'unsafe-inline'",
  'img-src data: blob:',
  'media-src data: blob:',
  'font-src data:',
].join('; ');

/** The nonce of this page, which inline scripts of a template need as well. */
const ownNonce = (): string =>
  document.querySelector<HTMLScriptElement>('script[nonce]')?.nonce ?? '';

/** One template on the air. */
export class TemplateFrame {
  readonly element: HTMLIFrameElement;
  readonly #listeners = new AbortController();
  #lastWordMs = 0;
  #isReady = false;
  #onReady: (() => void) | undefined;

  constructor() {
    const frame = document.createElement('iframe');
    frame.className = 'media';
    frame.setAttribute('sandbox', 'allow-scripts');
    frame.setAttribute('scrolling', 'no');
    frame.setAttribute('tabindex', '-1');
    frame.title = 'template';
    this.element = frame;
    window.addEventListener('message', (message) => this.#hear(message), {
      signal: this.#listeners.signal,
    });
  }

  /** ms since it last spoke. */
  get silentMs(): number {
    return performance.now() - this.#lastWordMs;
  }

  /** Resolves when the template says that it has drawn `data`. */
  async load(html: string, data: BoardData | null, signal: AbortSignal): Promise<void> {
    this.#lastWordMs = performance.now();
    const ready = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('not ready in time')), templateSilenceMs);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(new Error('no longer wanted'));
      });
      this.#onReady = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.element.addEventListener('load', () => this.send(data), {
      signal: this.#listeners.signal,
    });
    this.element.srcdoc = guarded(html);
    await ready;
  }

  send(data: BoardData | null): void {
    this.element.contentWindow?.postMessage({ foyer: 'data', data }, '*');
  }

  close(): void {
    this.#listeners.abort();
    this.element.remove();
  }

  #hear(message: MessageEvent<unknown>): void {
    if (message.source !== this.element.contentWindow || message.source === null) return;
    const said = templateWordSchema.safeParse(message.data);
    if (!said.success) return;
    this.#lastWordMs = performance.now();
    if (said.data.foyer === 'ready' && !this.#isReady) {
      this.#isReady = true;
      this.#onReady?.();
    }
  }
}

function guarded(html: string): string {
  const parsed = new DOMParser().parseFromString(html, 'text/html');
  const meta = parsed.createElement('meta');
  meta.httpEquiv = 'Content-Security-Policy';
  meta.content = policy;
  parsed.head.prepend(meta);
  for (const script of parsed.querySelectorAll('script')) script.setAttribute('nonce', ownNonce());
  return `<!doctype html>${parsed.documentElement.outerHTML}`;
}
