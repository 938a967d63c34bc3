import { FoyerError, nodeIdSchema, roleSchema, theatreNoSchema } from '@foyer/contracts';
import { isLoopbackHost } from '@foyer/platform';
import {
  checkMqttSettings,
  loadConfig,
  mqttSettingsShape,
  type Environment,
  type LoadedConfig,
} from '@foyer/platform/program';
import { z } from 'zod';

const port = z.int().min(0).max(65_535).default(0);

/** The local API has no passwords: it is for programs of this machine only. */
const loopbackHost = z
  .string()
  .refine(isLoopbackHost, 'must be a loopback address such as 127.0.0.1')
  .default('127.0.0.1');

const meshListenSchema = z.strictObject({ host: z.string().min(1).default('127.0.0.1'), port });

/** The settings of one agent. Every value comes from here: there are no others. */
export const agentConfigSchema = z.strictObject({
  node: nodeIdSchema,
  role: roleSchema,
  theatreNo: theatreNoSchema,
  /** Holds the agent's one database. Created when absent. */
  dataDir: z.string().min(1),
  /** The local API. Port 0 takes a free one; the ready line tells which. */
  listen: z.strictObject({ host: loopbackHost, port }).prefault({}),
  mesh: z.strictObject({
    listen: meshListenSchema.prefault({}),
    certPath: z.string().min(1),
    keyPath: z.string().min(1),
    caPath: z.string().min(1),
    /** Hints where to dial other nodes; the house feed's node rows add to them. */
    peers: z.record(nodeIdSchema, z.url({ protocol: /^wss$/ })).default({}),
  }),
  /** The way to the cloud; a theatre agent's only. */
  mqtt: z.strictObject(mqttSettingsShape).superRefine(checkMqttSettings).optional(),
  log: z
    .strictObject({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') })
    .prefault({}),
});
export type AgentConfig = z.infer<typeof agentConfigSchema>;

/**
 * Reads an agent's configuration. Throws FoyerError `config-invalid`, naming each wrong setting.
 */
export function loadAgentConfig(env: Environment): LoadedConfig<AgentConfig> {
  const loaded = loadConfig(agentConfigSchema, env);
  if (loaded.config.mqtt !== undefined && loaded.config.role !== 'theatre') {
    throw new FoyerError('config-invalid', 'mqtt.url: only a theatre agent talks to the cloud.');
  }
  return loaded;
}
