import { deltaOf, updateShadow, type JsonObject, type Shadow } from './shadow-document.ts';

/** What a service says: a topic and a JSON document. */
export type Say = (topic: string, message: object) => void;

const parse = (payload: Uint8Array): unknown => {
  if (payload.byteLength === 0) return {};
  return JSON.parse(Buffer.from(payload).toString()) as unknown;
};

const tokenOf = (request: unknown): { clientToken?: string } => {
  const token = (request as { clientToken?: unknown } | null)?.clientToken;
  return typeof token === 'string' ? { clientToken: token } : {};
};

const inSeconds = (state: JsonObject, timestamp: number): object =>
  Object.fromEntries(Object.keys(state).map((name) => [name, { timestamp }]));

/** The shadows of all things, classic and named, answering on the reserved topics. */
export class ShadowService {
  readonly #shadows = new Map<string, Shadow>();
  readonly #say: Say;
  readonly #nowS: () => number;

  constructor(say: Say, nowS: () => number) {
    this.#say = say;
    this.#nowS = nowS;
  }

  /** A thing's shadow; the classic one has no name. */
  get(thing: string, name = ''): Shadow | null {
    return this.#shadows.get(`${thing}/${name}`) ?? null;
  }

  /** What an operator wants, as the API does it. */
  desire(thing: string, name: string, desired: JsonObject | null): void {
    const payload = Buffer.from(JSON.stringify({ state: { desired } }));
    this.#update(thing, name, payload);
  }

  /** @param path behind `$aws/things/THING/shadow/` */
  hear(thing: string, path: string, payload: Uint8Array): void {
    const parts = path.split('/');
    const name = parts[0] === 'name' ? (parts[1] ?? '') : '';
    const [operation, more] = name === '' ? parts : parts.slice(2);
    if (more !== undefined) return;
    if (operation === 'update') this.#update(thing, name, payload);
    if (operation === 'get' || operation === 'delete') {
      this.#read(thing, name, operation, payload);
    }
  }

  #topic(thing: string, name: string, rest: string): string {
    return `$aws/things/${thing}/shadow/${name === '' ? '' : `name/${name}/`}${rest}`;
  }

  #read(thing: string, name: string, operation: 'get' | 'delete', payload: Uint8Array): void {
    const token = tokenOf(parse(payload));
    const shadow = this.get(thing, name);
    const timestamp = this.#nowS();
    if (shadow === null) {
      const message = `No shadow exists with name: '${name === '' ? thing : name}'`;
      const rejected = { code: 404, message, timestamp, ...token };
      this.#say(this.#topic(thing, name, `${operation}/rejected`), rejected);
      return;
    }
    const { version, ...state } = shadow;
    const delta = deltaOf(shadow);
    const withDelta = Object.keys(delta).length === 0 ? state : { ...state, delta };
    const answer = operation === 'get' ? { state: withDelta } : {};
    if (operation === 'delete') this.#shadows.delete(`${thing}/${name}`);
    const accepted = { ...answer, version, timestamp, ...token };
    this.#say(this.#topic(thing, name, `${operation}/accepted`), accepted);
  }

  #update(thing: string, name: string, payload: Uint8Array): void {
    const timestamp = this.#nowS();
    let request: unknown;
    try {
      request = parse(payload);
    } catch {
      request = null;
    }
    const token = tokenOf(request);
    const outcome = updateShadow(this.get(thing, name), request);
    if ('code' in outcome) {
      const rejected = { ...outcome, timestamp, ...token };
      this.#say(this.#topic(thing, name, 'update/rejected'), rejected);
      return;
    }
    const { shadow, state } = outcome;
    this.#shadows.set(`${thing}/${name}`, shadow);
    const { version } = shadow;
    const metadata = inSeconds(shadow.desired, timestamp);
    this.#say(this.#topic(thing, name, 'update/accepted'), {
      ...{ state, metadata, version, timestamp },
      ...token,
    });
    const delta = deltaOf(shadow);
    if (Object.keys(delta).length === 0) return;
    this.#say(this.#topic(thing, name, 'update/delta'), {
      ...{ state: delta, metadata: inSeconds(delta, timestamp), version, timestamp },
      ...token,
    });
  }
}
