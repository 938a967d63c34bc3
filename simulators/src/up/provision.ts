import { provisionNode } from '@foyer/edge-agent';

import { theatreNo } from '../world/index.ts';

/** Makes the theatre's certificate authority and a certificate for each node, in one directory. */
export async function provision(dir: string, nodes: readonly string[]): Promise<void> {
  // One after the other: the first makes the authority that the others are signed by.
  for (const nodeId of nodes) {
    await provisionNode({ theatreNo, nodeId, outDir: dir, nowMs: Date.now() });
  }
}
