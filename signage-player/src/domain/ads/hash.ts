/** 32 bits of a text (FNV-1a, mixed once more): for seeds and ids, not for secrets. */
export function hash32(text: string, seed = 0): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** 64 bits of a text as 16 hex digits. */
export function hash64Hex(text: string): string {
  return [hash32(text), hash32(text, 0x9e3779b9)]
    .map((half) => half.toString(16).padStart(8, '0'))
    .join('');
}
