import { directClientId, FoyerError } from '@foyer/contracts';
import {
  failoverLink,
  ioTCoreLimits,
  sharedTopics,
  topicLink,
  type Clock,
  type Link,
  type Logger,
  type Random,
  type TopicClient,
} from '@foyer/platform';
import { iotCoreOpener, tokenExchangeOf } from '@foyer/platform/iot-core';
import { brokerSettings, mqttLink } from '@foyer/platform/node';
import type { Environment } from '@foyer/platform/program';
import { linkOf, type AgentConfig } from '../../config.ts';

/** What the nucleus that started this program carries to AWS IoT Core. */
export interface NucleusWays {
  openLink: () => Link;
  openTopics: () => TopicClient;
}

/** The ways of this node to the cloud; each opens what it names. */
export interface CloudWays {
  /** Data: a theatre agent's only. */
  openLink: (() => Link) | null;
  /** Shadow and jobs. */
  openTopics: (() => TopicClient) | null;
}

export interface CloudWayDeps {
  env: Environment;
  clock: Clock;
  random: Random;
  logger: Logger;
  /** Null where no nucleus started this program. */
  nucleus: NucleusWays | null;
}

/**
 * The ways that the configuration chooses. The AWS SDK is loaded only where one of them needs it.
 * Throws FoyerError `config-invalid`.
 */
export async function cloudWays(config: AgentConfig, deps: CloudWayDeps): Promise<CloudWays> {
  const link = linkOf(config);
  const nucleus = (): NucleusWays => {
    if (deps.nucleus !== null) return deps.nucleus;
    const chosen = link === 'none' ? 'thing.via' : 'cloudLink';
    throw new FoyerError('config-invalid', `${chosen}: no Greengrass nucleus runs this program.`, {
      whatToDo: 'Deploy it as a component, or choose mqtt or iot-core.',
    });
  };
  const direct = config.iotCore === undefined ? null : await directTopics(config, deps);
  const openers: Record<typeof link, () => (() => Link) | null> = {
    none: () => null,
    mqtt: () => brokerLink(config, deps),
    'iot-core': () => directLink(config, deps, direct),
    greengrass: () => nucleus().openLink,
    'iot-core-or-greengrass': () => {
      const [first, { openLink }] = [directLink(config, deps, direct), nucleus()];
      return () => failoverLink({ ...deps, first: first(), openSecond: openLink });
    },
  };
  const openLink = openers[link]();
  const topics = { 'iot-core': () => direct, greengrass: () => nucleus().openTopics };
  return { openLink, openTopics: config.thing === undefined ? null : topics[config.thing.via]() };
}

function brokerLink(config: AgentConfig, deps: CloudWayDeps): (() => Link) | null {
  const { mqtt, theatreNo, node } = config;
  if (mqtt === undefined) return null;
  const { clock, random, logger } = deps;
  const broker = brokerSettings(mqtt, logger);
  return () => mqttLink({ theatreNo, nodeId: node, clock, random, ...broker });
}

async function directTopics(
  config: AgentConfig,
  { env, clock, random, logger }: CloudWayDeps,
): Promise<(() => TopicClient) | null> {
  const { iotCore, theatreNo, node } = config;
  if (iotCore === undefined) return null;
  const open = await iotCoreOpener(
    { ...iotCore, clientId: iotCore.clientId ?? directClientId(theatreNo, node) },
    { tokenExchange: tokenExchangeOf(env), clock, random, logger },
  );
  return sharedTopics(open);
}

function directLink(
  { theatreNo, node }: AgentConfig,
  { logger }: CloudWayDeps,
  topics: (() => TopicClient) | null,
): () => Link {
  if (topics === null) throw new FoyerError('config-invalid', 'iotCore: is needed by cloudLink.');
  const limits = ioTCoreLimits;
  return () => topicLink({ client: topics(), theatreNo, nodeId: node, limits, logger });
}
