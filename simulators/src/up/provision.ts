import { join } from 'node:path';

import { provisionNode } from '@foyer/edge-agent';

import { theatreNo } from '../world/index.ts';

/** Makes the theatre's certificate authority and a certificate for each node, in one directory. */
export async function provision(dir: string, nodes: readonly string[]): Promise<void> {
  // One after the other: the first makes the authority that the others are signed by.
  for (const nodeId of nodes) {
    await provisionNode({ theatreNo, nodeId, outDir: dir, nowMs: Date.now() });
  }
}

/** The files that `provision` wrote for a node, as an agent's mesh settings name them. */
export const meshIdentity = (
  dir: string,
  node: string,
): { certPath: string; keyPath: string; caPath: string } => ({
  certPath: join(dir, `${node}.crt`),
  keyPath: join(dir, `${node}.key`),
  caPath: join(dir, 'theatre-ca.crt'),
});
