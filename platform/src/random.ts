/** Randomness: cryptographic in production, seeded in a simulation. */
export interface Random {
  bytes(count: number): Uint8Array;
  /** A version 4 UUID. */
  uuid(): string;
  /** Uniform in [0, 1). */
  float(): number;
}
