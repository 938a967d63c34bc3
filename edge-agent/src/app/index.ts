/** The agent as a part of another program: the simulation runs many on one virtual clock. */
export { serveLocalApi, type LocalApiParts } from '../adapters/http/local-api.ts';
export { agentConfigSchema, loadAgentConfig, type AgentConfig } from '../config.ts';
export { Agent, type AgentDeps } from './agent.ts';
export { agentMigrations } from './storage.ts';
export type { AgentMesh } from './neighbours.ts';
