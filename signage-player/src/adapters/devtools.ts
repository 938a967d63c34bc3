import { z } from 'zod';
import { WebSocket } from 'ws';

/** A JPEG of what a tab shows, base64. */
export type Picture = string;

const listTimeoutMs = 3_000;
const callTimeoutMs = 8_000;
const maxPictureChars = 400_000;
/** The longest message from the browser: a screenshot of an 8K wall as JPEG. */
const maxPayloadBytes = 64_000_000;

const targetsSchema = z.array(
  z.object({
    type: z.string(),
    url: z.string(),
    webSocketDebuggerUrl: z.string().optional(),
  }),
);
const versionSchema = z.object({ webSocketDebuggerUrl: z.string() });
const answerSchema = z.object({
  id: z.number().optional(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
});
const sizeSchema = z.object({
  cssVisualViewport: z.object({ clientWidth: z.number(), clientHeight: z.number() }),
});
const shotSchema = z.object({ data: z.string() });

/** Sizes and qualities that a screenshot is tried in until it is small enough. */
const tries = [
  { widthPx: 1280, quality: 80 },
  { widthPx: 960, quality: 70 },
  { widthPx: 640, quality: 60 },
  { widthPx: 320, quality: 50 },
] as const;

/** One conversation with a tab or with the browser, over the DevTools protocol. */
class Session {
  readonly #socket: WebSocket;
  #nextId = 1;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  static open(url: string): Promise<Session> {
    const socket = new WebSocket(url, {
      maxPayload: maxPayloadBytes,
      handshakeTimeout: listTimeoutMs,
    });
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(new Session(socket)));
      socket.once('error', reject);
    });
  }

  /** Sends one command. @throws when the browser refuses it, goes away or is silent for 8 s. */
  call(method: string, params: object = {}): Promise<unknown> {
    const id = this.#nextId;
    this.#nextId += 1;
    const socket = this.#socket;
    return new Promise((resolve, reject) => {
      const done = (finish: () => void): void => {
        clearTimeout(timer);
        socket.off('message', onMessage);
        socket.off('close', onClose);
        finish();
      };
      const onClose = (): void => done(() => reject(new Error('The browser went away.')));
      const onMessage = (data: Buffer): void => {
        const answer = answerSchema.safeParse(JSON.parse(data.toString('utf8')));
        if (!answer.success || answer.data.id !== id) return;
        const { error, result } = answer.data;
        done(() => (error === undefined ? resolve(result) : reject(new Error(error.message))));
      };
      const timer = setTimeout(
        () => done(() => reject(new Error(`${method}: no answer in ${callTimeoutMs} ms.`))),
        callTimeoutMs,
      );
      socket.on('message', onMessage);
      socket.once('close', onClose);
      socket.once('error', () => undefined);
      socket.send(JSON.stringify({ id, method, params }));
    });
  }

  close(): void {
    this.#socket.terminate();
  }
}

/** Chromium's own remote control, on loopback: pictures of a tab, reload, the browser's end. */
export class DevTools {
  readonly #base: string;

  /** @param debugUrl `http://127.0.0.1:9222` */
  constructor(debugUrl: string) {
    this.#base = debugUrl.replace(/\/$/, '');
  }

  /** What the tab of a screen shows, at most 400,000 characters of base64. @throws */
  screenshot(screenId: string): Promise<Picture> {
    return this.#inTab(screenId, async (tab) => {
      const { cssVisualViewport: view } = sizeSchema.parse(await tab.call('Page.getLayoutMetrics'));
      for (const { widthPx, quality } of tries) {
        const scale = Math.min(1, widthPx / Math.max(view.clientWidth, view.clientHeight, 1));
        const clip = { x: 0, y: 0, width: view.clientWidth, height: view.clientHeight, scale };
        const shot = await tab.call('Page.captureScreenshot', { format: 'jpeg', quality, clip });
        const { data } = shotSchema.parse(shot);
        if (data.length <= maxPictureChars) return data;
      }
      throw new Error('No picture of the tab is small enough.');
    });
  }

  /** @throws when there is no such tab or the browser does not answer. */
  async reload(screenId: string): Promise<void> {
    await this.#inTab(screenId, (tab) => tab.call('Page.reload', { ignoreCache: false }));
  }

  /** Ends the browser; whoever started it starts it again. @throws */
  async end(): Promise<void> {
    const { webSocketDebuggerUrl } = versionSchema.parse(await this.#json('/json/version'));
    const session = await Session.open(webSocketDebuggerUrl);
    try {
      await session.call('Browser.close');
    } finally {
      session.close();
    }
  }

  async #inTab<T>(screenId: string, work: (tab: Session) => Promise<T>): Promise<T> {
    const targets = targetsSchema.parse(await this.#json('/json/list'));
    const path = `/screens/${screenId}`;
    const tab = targets.find(
      ({ type, url }) =>
        type === 'page' && URL.canParse(url) && new URL(url).pathname.replace(/\/$/, '') === path,
    );
    if (tab?.webSocketDebuggerUrl === undefined) {
      throw new Error(`No tab of the browser shows ${path}.`);
    }
    const session = await Session.open(tab.webSocketDebuggerUrl);
    try {
      return await work(session);
    } finally {
      session.close();
    }
  }

  async #json(path: string): Promise<unknown> {
    const response = await fetch(this.#base + path, {
      signal: AbortSignal.timeout(listTimeoutMs),
    });
    if (!response.ok) throw new Error(`The browser says ${response.status} to ${path}.`);
    return response.json();
  }
}
