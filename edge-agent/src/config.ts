import { FoyerError, nodeIdSchema, roleSchema, theatreNoSchema } from '@foyer/contracts';
import { isLoopbackHost } from '@foyer/platform';
import {
  checkIotCoreSettings,
  checkMqttSettings,
  iotCoreSettingsShape,
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

const thingSchema = z.strictObject({
  /** What carries them: a connection of one's own (section `iotCore`), or the nucleus. */
  via: z.enum(['iot-core', 'greengrass']),
  /** `foyer-THEATRE-NODE` when absent, as `foyer fleet` names it. */
  name: z
    .string()
    .regex(/^[\w:-]{1,128}$/)
    .optional(),
  /** What the job `reboot` runs; an empty list refuses such jobs. */
  rebootCommand: z.array(z.string().min(1)).max(8).default(['systemctl', 'reboot']),
  /** Logs are put away only at hosts that are one of these or end in it. */
  logHosts: z.array(z.hostname()).max(8).default(['amazonaws.com', 'amazonaws.com.cn']),
});

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
  /**
   * How a theatre agent reaches the cloud: through a broker of one's own (`mqtt`), directly through
   * AWS IoT Core, through the Greengrass nucleus that runs this program, or directly and through
   * the nucleus while that fails. When absent, what the section `mqtt` or `iotCore` says.
   */
  cloudLink: z
    .enum(['none', 'mqtt', 'iot-core', 'greengrass', 'iot-core-or-greengrass'])
    .optional(),
  mqtt: z.strictObject(mqttSettingsShape).superRefine(checkMqttSettings).optional(),
  iotCore: z.strictObject(iotCoreSettingsShape).superRefine(checkIotCoreSettings).optional(),
  /** This node's shadow and jobs in AWS IoT; none when absent. */
  thing: thingSchema.optional(),
  log: z
    .strictObject({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') })
    .prefault({}),
});
export type AgentConfig = z.infer<typeof agentConfigSchema>;

/** How this agent reaches the cloud. */
export type CloudLink = NonNullable<AgentConfig['cloudLink']>;

/** The chosen way, or what the sections say. */
export function linkOf({ cloudLink, mqtt, iotCore, role }: AgentConfig): CloudLink {
  if (cloudLink !== undefined) return cloudLink;
  if (mqtt !== undefined) return 'mqtt';
  return iotCore !== undefined && role === 'theatre' ? 'iot-core' : 'none';
}

/** Why the settings of the cloud do not fit together; null where they do. */
function faultOf(config: AgentConfig): string | null {
  const { role, cloudLink, mqtt, iotCore, thing } = config;
  const link = linkOf(config);
  const named =
    cloudLink === undefined ? (mqtt === undefined ? 'iotCore' : 'mqtt.url') : 'cloudLink';
  if (link !== 'none' && role !== 'theatre') {
    return `${named}: only a theatre agent talks to the cloud.`;
  }
  if (mqtt !== undefined && iotCore !== undefined && cloudLink === undefined) {
    return 'cloudLink: choose one, because both mqtt and iotCore are set.';
  }
  if (link === 'mqtt' && mqtt === undefined) return 'mqtt.url: cloudLink mqtt needs it.';
  if (link !== 'mqtt' && mqtt !== undefined) return `mqtt: cloudLink ${link} does not use it.`;
  const isDirect = link.startsWith('iot-core');
  const isUsed = isDirect || thing?.via === 'iot-core';
  if (isDirect && iotCore === undefined) return `iotCore.endpoint: cloudLink ${link} needs it.`;
  if (isUsed && iotCore === undefined) return 'iotCore.endpoint: thing.via iot-core needs it.';
  if (!isUsed && iotCore !== undefined) {
    return 'iotCore: neither cloudLink nor thing.via uses it.';
  }
  return null;
}

/**
 * Reads an agent's configuration. Throws FoyerError `config-invalid`, naming each wrong setting.
 */
export function loadAgentConfig(env: Environment, component?: unknown): LoadedConfig<AgentConfig> {
  const loaded = loadConfig(agentConfigSchema, env, component);
  const fault = faultOf(loaded.config);
  if (fault !== null) throw new FoyerError('config-invalid', fault);
  return loaded;
}
