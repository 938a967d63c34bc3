/** The agent as a part of another program: the simulation runs many on one virtual clock. */
export { serveLocalApi, type LocalApiParts } from '../adapters/http/local-api.ts';
export { agentConfigSchema, loadAgentConfig, type AgentConfig } from '../config.ts';
export { Agent, type AgentDeps } from './agent.ts';
export { Thing, type ThingOptions } from './control/thing.ts';
export { operations, type OperationDeps } from '../adapters/control/operations.ts';
export { openControl, type ControlStore } from '../adapters/control/store.ts';
export { agentMigrations } from './storage.ts';
export type { AgentMesh } from './neighbours.ts';
