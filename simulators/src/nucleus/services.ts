import { randomBytes } from 'node:crypto';

import type { Logger } from '@foyer/platform';

import { authorise } from './access.ts';
import { behaviours, type NucleusBehaviour, type NucleusKind } from './behaviour.ts';
import { IpcServer, type IpcOperation } from './ipc-server.ts';
import { Configurations } from './operations/configuration.ts';
import { LifecycleOperations } from './operations/lifecycle.ts';
import { LocalPubsub } from './operations/local-pubsub.ts';
import { MqttProxy } from './operations/mqtt-proxy.ts';
import { secretOperations } from './operations/secrets.ts';

export interface ServicesOptions {
  kind: NucleusKind;
  socketPath: string;
  thingName: string;
  /** The broker that stands in for IoT Core. */
  brokerUrl: string;
  /** By name or ARN. */
  secrets?: ReadonlyMap<string, string>;
  logger: Logger;
}

/** Everything that a nucleus offers to components over its socket. */
export class NucleusServices {
  readonly behaviour: NucleusBehaviour;
  readonly configurations = new Configurations();
  readonly lifecycle: LifecycleOperations;
  readonly server: IpcServer;
  readonly #options: ServicesOptions;
  readonly #pubsub: LocalPubsub;
  readonly #tokens = new Map<string, string>();
  readonly #running = new Set<string>();
  readonly #operations: Map<string, IpcOperation>;
  #mqtt: MqttProxy;

  constructor(options: ServicesOptions) {
    this.#options = options;
    this.behaviour = behaviours[options.kind];
    this.lifecycle = new LifecycleOperations(this.behaviour);
    this.#pubsub = new LocalPubsub(this.#guard('aws.greengrass.ipc.pubsub'));
    this.#mqtt = this.#connect();
    this.#operations = new Map([
      ...this.configurations.operations(),
      ...this.lifecycle.operations(),
      ...this.#pubsub.operations(),
      ...secretOperations(
        options.secrets ?? new Map(),
        this.#guard('aws.greengrass.SecretManager'),
      ),
      ...this.#mqtt.operations(),
    ]);
    this.server = new IpcServer({
      socketPath: options.socketPath,
      behaviour: this.behaviour,
      operations: this.#operations,
      componentOf: (token) => this.#tokens.get(token) ?? null,
      isRunning: (component) => this.#running.has(component),
      logger: options.logger,
    });
  }

  get socketPath(): string {
    return this.#options.socketPath;
  }

  async start(): Promise<void> {
    await this.server.listen();
  }

  /** @returns the token of a start of a component: the environment variable SVCUID */
  admit(component: string): string {
    this.dismiss(component);
    const token = randomBytes(16).toString('base64');
    this.#tokens.set(token, component);
    this.#running.add(component);
    return token;
  }

  /** A component ended: its token is worth nothing any more. */
  dismiss(component: string): void {
    this.#running.delete(component);
    for (const [token, owner] of this.#tokens) if (owner === component) this.#tokens.delete(token);
  }

  /** The daemons behind the socket restart: connections stay, subscriptions die in silence. */
  async restartDaemons(): Promise<void> {
    const old = this.#mqtt;
    this.#mqtt = this.#connect();
    for (const [name, operation] of this.#mqtt.operations()) this.#operations.set(name, operation);
    this.configurations.forget();
    this.#pubsub.forget();
    await old.close();
  }

  /** The socket's own daemon goes: connections end, tokens are forgotten; `start` revives it. */
  async stopIpc(): Promise<void> {
    await this.server.close();
    this.#tokens.clear();
  }

  async close(): Promise<void> {
    await this.server.close();
    await this.#mqtt.close();
  }

  #connect(): MqttProxy {
    const { brokerUrl, thingName, logger } = this.#options;
    return new MqttProxy({
      brokerUrl,
      thingName,
      behaviour: this.behaviour,
      authorise: this.#guard('aws.greengrass.ipc.mqttproxy'),
      logger,
    });
  }

  #guard(service: string): (component: string, operation: string, resource: string) => void {
    return (component, operation, resource) => {
      const configuration = this.configurations.get(component);
      const access = { component, configuration, thingName: this.#options.thingName };
      authorise(access, service, operation, resource);
    };
  }
}
