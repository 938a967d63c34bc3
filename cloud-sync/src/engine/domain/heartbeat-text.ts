import { heartbeatSchema, type Heartbeat } from '@foyer/contracts';

/** JSON of lists that a node tells again and again, as long as they are the same lists. */
const known = new WeakMap<object, string>();

function jsonOf(list: readonly unknown[]): string {
  let json = known.get(list);
  if (json === undefined) {
    json = JSON.stringify(list);
    known.set(list, json);
  }
  return json;
}

/**
 * A heartbeat as JSON: what changes each time goes first. The lists must not be changed after they
 * were sent once.
 */
export function heartbeatText(heartbeat: Heartbeat): string {
  const { type, boot, wallMs, feeds, lanes, ...rest } = heartbeat;
  const lists = `"feeds":${jsonOf(feeds)},"lanes":${jsonOf(lanes)}`;
  const head = `{"type":"${type}","boot":${boot},"wallMs":${wallMs}`;
  return `${head},${lists},${JSON.stringify(rest).slice(1)}`;
}

const headPattern = /^\{"type":"heartbeat","boot":([1-9]\d{0,15}),"wallMs":(0|[1-9]\d{0,15}),/;
/** The head with its two numbers at their longest. */
const headChars = 80;
const headSchema = heartbeatSchema.pick({ boot: true, wallMs: true });

interface Split {
  boot: number;
  wallMs: number;
  tail: Buffer;
}

function split(body: Buffer): Split | null {
  const found = headPattern.exec(body.toString('latin1', 0, headChars));
  if (found === null) return null;
  const head = headSchema.safeParse({ boot: Number(found[1]), wallMs: Number(found[2]) });
  return head.success ? { ...head.data, tail: body.subarray(found[0].length) } : null;
}

/** What of each heartbeat's text follows its head. */
const tails = new WeakMap<Heartbeat, Buffer>();

/**
 * Remembers one peer's last heartbeat: four times a second it says the same but for the time, and
 * reading it anew would take most of what a quiet theatre computes. The lists of such heartbeats
 * are the same objects: nobody may change them.
 */
export class HeartbeatMemory {
  #tail: Buffer | null = null;
  #last: Heartbeat | null = null;

  /** The heartbeat that a body is, where it says what the last one did; null for any other. */
  recall(body: Buffer): Heartbeat | null {
    if (this.#tail === null || this.#last === null) return null;
    const parts = split(body);
    if (parts === null || !parts.tail.equals(this.#tail)) return null;
    const { boot, wallMs } = parts;
    const heartbeat = { ...this.#last, boot, wallMs };
    tails.set(heartbeat, this.#tail);
    return heartbeat;
  }

  /** Notes what a body was read as. */
  keep(body: Buffer, heartbeat: Heartbeat): void {
    const parts = split(body);
    if (parts !== null) tails.set(heartbeat, Buffer.from(parts.tail));
    this.keepRead(heartbeat);
  }

  /** Notes a heartbeat that this memory or another one kept or recalled. */
  keepRead(heartbeat: Heartbeat): void {
    this.#last = heartbeat;
    this.#tail = tails.get(heartbeat) ?? null;
  }
}
