import type { MutationSource, Shape } from '../target.ts';

const headBytes = 4;

/** Several inputs as one: each with its length before it. */
export function packList(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    parts.flatMap((part) => {
      const head = Buffer.alloc(headBytes);
      head.writeUInt32BE(part.byteLength);
      return [head, part];
    }),
  );
}

/** The parts of a list; a length beyond the end takes what is there. */
export function unpackList(bytes: Uint8Array): Uint8Array[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array[] = [];
  for (let at = 0; at + headBytes <= buffer.length;) {
    const start = at + headBytes;
    const end = Math.min(buffer.length, start + buffer.readUInt32BE(at));
    parts.push(buffer.subarray(start, end));
    at = end;
  }
  return parts;
}

function changeOrder(parts: Uint8Array[], source: MutationSource): Uint8Array[] {
  const { random } = source;
  const at = random.int(parts.length);
  const part = parts[at] ?? new Uint8Array();
  switch (random.int(5)) {
    case 0:
      return parts.toSpliced(at, 1);
    case 1:
      return parts.toSpliced(at, 0, part);
    case 2:
      return parts.toSpliced(at, 1).toSpliced(random.int(parts.length), 0, part);
    case 3:
      return [...parts.slice(0, at), ...unpackList(source.other()).slice(random.int(4))];
    default:
      return parts.toSpliced(at, 0, random.pick([part, ...unpackList(source.other())]));
  }
}

/** Conversations: parts are left out, doubled, reordered, or changed by the shape of a part. */
export function listShape(part: Shape, maxParts = 24): Shape {
  return {
    mutate(input, source) {
      const parts = unpackList(input);
      if (parts.length === 0) return packList([source.other()]);
      if (source.random.chance(0.25))
        return packList(changeOrder(parts, source).slice(0, maxParts));
      const at = source.random.int(parts.length);
      const donor = (): Uint8Array => {
        const others = unpackList(source.other());
        return others.length === 0 ? new Uint8Array() : source.random.pick(others);
      };
      const changed = part.mutate(parts[at] ?? new Uint8Array(), { ...source, other: donor });
      return packList(parts.toSpliced(at, 1, changed).slice(0, maxParts));
    },
  };
}
