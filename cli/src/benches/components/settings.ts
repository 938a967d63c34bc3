import { join } from 'node:path';

import { provisionNode } from '@foyer/edge-agent';

const theatreNo = 1;
const node = 'gate-1';

/** A gate's agent with a mesh certificate of its own; its database is where its recipe puts it. */
export async function gateAgentConfig(dir: string): Promise<object> {
  await provisionNode({ theatreNo, nodeId: node, outDir: dir, nowMs: Date.now() });
  const files = {
    certPath: join(dir, `${node}.crt`),
    keyPath: join(dir, `${node}.key`),
    caPath: join(dir, 'theatre-ca.crt'),
  };
  return { node, role: 'gate', theatreNo, mesh: files, log: { level: 'warn' } };
}

/** @param agentPort of the agent's local API */
export const scannerConfig = (agentPort: number): object => ({
  agentUrl: `http://127.0.0.1:${agentPort}`,
  logLevel: 'warn',
});

/** @param agentPort of the agent's local API */
export const playerConfig = (agentPort: number): object => ({
  agentUrl: `http://127.0.0.1:${agentPort}`,
  mediaUrls: ['http://127.0.0.1:9'],
  logLevel: 'warn',
});
