import { join } from 'node:path';

import { directClientId, thingName } from '@foyer/contracts';
import {
  failoverLink,
  ioTCoreLimits,
  greengrassClassicLimits,
  mosquittoLimits,
  nucleusLiteLimits,
  topicLink,
  type Link,
  type LinkLimits,
} from '@foyer/platform';
import { greengrassWays, loadIpcSdk, NucleusSession } from '@foyer/platform/greengrass';
import { iotCoreClient, loadIotSdk } from '@foyer/platform/iot-core';
import { mqttLink, nodeClock, nodeRandom, silentLogger } from '@foyer/platform/node';
import { issueMqttClient, makeTestCa } from '@foyer/platform/testing';
import { theatreNo } from '@foyer/simulators';
import { startIotCore, type IotCore, type IotPolicy } from '@foyer/simulators/iot-core';
import { NucleusServices, type NucleusKind } from '@foyer/simulators/nucleus';

/** One way between a theatre and the cloud. */
export interface Way {
  readonly name: string;
  /** Whose limits it has, in words. */
  readonly profile: string;
  /** The cloud worker's setting of that name. */
  readonly cloudLimits: 'broker' | 'iot-core';
  /** What may be sent towards the node. */
  readonly down: LinkLimits;
  open(nodeId: string): Promise<Link>;
  /** Where there is a first way that can be cut. */
  readonly cut?: () => void;
  readonly mend?: () => void;
}

const anything: IotPolicy = { Statement: [{ Effect: 'Allow', Action: 'iot:*', Resource: '*' }] };
const component = 'com.foyer.EdgeAgent';
const accessControl = {
  'aws.greengrass.ipc.mqttproxy': {
    'bench:1': {
      operations: ['aws.greengrass#PublishToIoTCore', 'aws.greengrass#SubscribeToIoTCore'],
      resources: ['foyer/1/*'],
    },
  },
};
const logger = silentLogger();
const common = { clock: nodeClock(), random: nodeRandom(), logger };
const patienceMs = 2000;
const soundMs = 3000;

/** The places that the ways lead through: a stand-in for IoT Core with Mosquitto behind it. */
export class Places {
  readonly #ca = makeTestCa('bench');
  readonly #things = new Map<string, { ca: string; cert: string; key: string }>();
  readonly #ends: (() => Promise<void> | void)[] = [];
  readonly #dir: string;
  readonly #sessions = new Map<string, NucleusSession>();
  #core: IotCore | null = null;

  /** @param dir for sockets */
  constructor(dir: string) {
    this.#dir = dir;
  }

  get core(): IotCore {
    if (this.#core === null) throw new Error('The places are not open yet.');
    return this.#core;
  }

  async open(nodes: readonly string[]): Promise<void> {
    for (const node of nodes) {
      this.#things.set(node, issueMqttClient(this.#ca, thingName(theatreNo, node)));
    }
    this.#core = await startIotCore({
      tls: this.#ca.issue('localhost', 'foyer'),
      certificates: [...this.#things].map(([node, { cert }]) => ({
        certificate: cert,
        thing: thingName(theatreNo, node),
        policies: [anything],
      })),
    });
    this.#ends.push(() => this.core.stop());
  }

  async direct(nodeId: string): Promise<Link> {
    const tls = this.#things.get(nodeId);
    if (tls === undefined) throw new Error(`No certificate for ${nodeId}.`);
    const { host, port } = this.core;
    const client = iotCoreClient({
      ...{ sdk: await loadIotSdk(), host, port, clientId: directClientId(theatreNo, nodeId) },
      proof: () => ({ kind: 'x509', tls }),
      backoff: { baseMs: 50, capMs: 500 },
    });
    return topicLink({ client, theatreNo, nodeId, limits: ioTCoreLimits, logger });
  }

  broker(nodeId: string): Link {
    return mqttLink({ url: this.core.backdoorUrl, theatreNo, nodeId });
  }

  /** Opens links through a nucleus of its own, beyond which is the broker behind IoT Core. */
  async nucleus(nodeId: string, kind: NucleusKind): Promise<() => Link> {
    const session = this.#sessions.get(nodeId) ?? (await this.#startNucleus(nodeId, kind));
    this.#sessions.set(nodeId, session);
    return () =>
      greengrassWays({ ...common, session, nucleus: kind, theatreNo, nodeId }).openLink();
  }

  async #startNucleus(nodeId: string, kind: NucleusKind): Promise<NucleusSession> {
    const nucleus = new NucleusServices({
      ...{ kind, logger, thingName: thingName(theatreNo, nodeId) },
      socketPath: join(this.#dir, `${nodeId}.socket`),
      brokerUrl: this.core.backdoorUrl,
    });
    await nucleus.start();
    this.#ends.push(() => nucleus.close());
    nucleus.configurations.set(component, { accessControl });
    const session = new NucleusSession({
      ...{ ...common, component, socketPath: nucleus.socketPath, onRefused() {} },
      ...{ sdk: await loadIpcSdk(), token: nucleus.admit(component) },
    });
    this.#ends.push(() => session.close());
    await session.start();
    return session;
  }

  async close(): Promise<void> {
    for (const end of this.#ends.splice(0).toReversed()) await end();
  }
}

/** What a node of these limits may be sent. */
function downTo(limits: LinkLimits): LinkLimits {
  return { ...limits, maxPayloadBytes: limits.maxReceivedBytes ?? limits.maxPayloadBytes };
}

/** Every way, from the plainest to those with the tightest limits. */
export function waysThrough(places: Places): Way[] {
  const core = { cloudLimits: 'iot-core', down: ioTCoreLimits } as const;
  return [
    {
      name: 'mqtt',
      profile: 'a Mosquitto of one’s own: no rate, 128 KB a payload',
      cloudLimits: 'broker',
      down: mosquittoLimits,
      open: (nodeId) => Promise.resolve(places.broker(nodeId)),
    },
    {
      ...core,
      name: 'iotCore',
      profile: 'IoT Core, direct: 512 KiB/s, 100 publishes/s, 128 KB a payload',
      open: (nodeId) => places.direct(nodeId),
    },
    {
      name: 'greengrassClassic',
      profile: 'the classic nucleus: the same limits, through its IPC',
      cloudLimits: 'iot-core',
      down: greengrassClassicLimits,
      open: async (nodeId) => (await places.nucleus(nodeId, 'classic'))(),
    },
    {
      name: 'nucleusLite',
      profile: 'nucleus lite: 64 KiB/s, 50 publishes/s, 7 KB up, 4.75 KB down',
      cloudLimits: 'iot-core',
      down: downTo(nucleusLiteLimits),
      open: async (nodeId) => (await places.nucleus(nodeId, 'lite'))(),
    },
    {
      ...core,
      name: 'failover',
      profile: `IoT Core, cut after a third; nucleus lite ${patienceMs} ms later`,
      open: async (nodeId) => {
        const openSecond = await places.nucleus(nodeId, 'lite');
        return failoverLink({
          first: await places.direct(nodeId),
          openSecond,
          ...{ patienceMs, soundMs, ...common },
        });
      },
      cut: () => void places.core.cut(),
      mend: () => void places.core.mend(),
    },
  ];
}
