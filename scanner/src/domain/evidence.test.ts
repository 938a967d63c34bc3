import { describe, expect, it } from 'vitest';

import { EvidenceLog, fuse, maxEvidence, maxEvidenceAgeMs } from './evidence.ts';

const evidence = (...soft: number[]) => ({ size: 2, soft: Float32Array.from(soft) });

describe('fuse', () => {
  it('adds up what frames told, so that one frame cannot outweigh the others by much', () => {
    const fused = fuse(evidence(100, -0.5, 0.5, 1), [evidence(-1, -0.5, -1, 1)]);
    expect([...(fused ?? [])]).toEqual([0.25, -1, -0.5, 2]);
  });

  it('has nothing to add when the earlier codes have another size', () => {
    expect(fuse(evidence(1, 1, 1, 1), [{ size: 3, soft: new Float32Array(9) }])).toBeUndefined();
  });
});

describe('EvidenceLog', () => {
  it('keeps the last few frames, and none that may show another guest', () => {
    const log = new EvidenceLog();
    for (let atMs = 0; atMs < 20; atMs++) log.add(evidence(1, 1, 1, 1), atMs);
    expect(log.recent(20)).toHaveLength(maxEvidence);
    expect(log.recent(20 + maxEvidenceAgeMs)).toHaveLength(0);
  });

  it('forgets a code that was read', () => {
    const log = new EvidenceLog();
    log.add(evidence(1, 1, 1, 1), 0);
    log.clear();
    expect(log.recent(0)).toEqual([]);
  });
});
