import { join } from 'node:path';

import { isFoyerError } from '@foyer/contracts';

import type { Clock, Timer } from '../clock.ts';
import type { Logger } from '../logger.ts';
import type { Random } from '../random.ts';
import { KeptConfiguration, readConfiguration } from './component-config.ts';
import type { IpcConnection } from './connection.ts';
import type { NucleusAddress } from './environment.ts';
import { RestartRecord } from './restart-record.ts';
import type { IpcSdk } from './sdk.ts';
import { NucleusSession } from './session.ts';

export interface ComponentOptions extends NucleusAddress {
  sdk: IpcSdk;
  clock: Clock;
  random: Random;
  logger: Logger;
  /** The component's name, such as `com.foyer.EdgeAgent`. */
  name: string;
  /** Survives restarts: the component's work directory. */
  workDir: string;
  callTimeoutMs?: number;
  /** The configuration is read so often, should news of it be lost; 300,000 when absent. */
  rereadMs?: number;
}

/** What a program does for its component. */
export interface ComponentEvents {
  /** Another configuration than before. */
  configured(configuration: unknown): void;
  /** True while an update would disturb people. */
  busy(): boolean;
  /** True where it may end now, to be started with a new token. */
  mayEnd(): boolean;
  /** Only a new start gives this program a token again, and it may end for that. */
  renew(): void;
}

/** An update is asked to wait so long, over and over. */
const deferMs = 60_000;

/** This program's place in a Greengrass nucleus. */
export class Component {
  readonly session: NucleusSession;
  readonly #options: ComponentOptions;
  readonly #kept: KeptConfiguration;
  readonly #record: RestartRecord;
  #events: ComponentEvents | null = null;
  #configuration: unknown;
  #running = false;
  #kind: 'classic' | 'lite' = 'lite';
  #reread: Timer | null = null;
  #closed = false;

  private constructor(options: ComponentOptions) {
    const { workDir, clock } = options;
    this.#options = options;
    this.#kept = new KeptConfiguration(join(workDir, 'component-configuration.json'));
    this.#record = new RestartRecord(join(workDir, 'component-starts.json'), clock.nowMs());
    this.session = new NucleusSession({
      ...options,
      component: options.name,
      onRefused: () => this.#refused(),
    });
  }

  /**
   * Connects, and reads the configuration. Throws FoyerError where the nucleus does not give it and
   * did not before either.
   */
  static async start(options: ComponentOptions): Promise<Component> {
    const component = new Component(options);
    try {
      await component.session.start();
      component.#configuration = await readConfiguration(component.session);
      component.#kept.write(component.#configuration);
      await component.#probe(component.session.connection());
    } catch (error) {
      component.#configuration ??= component.#kept.read();
      if (component.#configuration === undefined) {
        component.close();
        throw error;
      }
      options.logger.warn('configured-as-before', { reason: String(error) });
    }
    return component;
  }

  get configuration(): unknown {
    return this.#configuration;
  }

  /**
   * Which nucleus this is: the classic one asks components before it updates them. Where it did not
   * answer, the smaller limits hold.
   */
  get kind(): 'classic' | 'lite' {
    return this.#kind;
  }

  /** The program serves: from now on it follows the nucleus. */
  running(events: ComponentEvents): void {
    this.#events = events;
    this.#running = true;
    this.session.listen({
      up: (connection) => void this.#follow(connection),
      down: () => undefined,
    });
    this.#rereadLater();
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    this.#reread?.cancel();
    this.session.close();
  }

  /** Reads the configuration anew, and tells where it is another. */
  async reread(): Promise<void> {
    try {
      const configuration = await readConfiguration(this.session);
      if (this.#closed || isSame(configuration, this.#configuration)) return;
      this.#configuration = configuration;
      this.#kept.write(configuration);
      this.#options.logger.info('configuration-changed', {});
      this.#events?.configured(configuration);
    } catch (error) {
      this.#options.logger.warn('configuration-unread', { reason: String(error) });
    }
  }

  #rereadLater(): void {
    const { clock, rereadMs = 300_000 } = this.#options;
    this.#reread = clock.setTimer('component-configuration', rereadMs, () => {
      void this.reread().finally(() => {
        if (!this.#closed) this.#rereadLater();
      });
    });
  }

  async #follow(connection: IpcConnection): Promise<void> {
    const { ReportedLifecycleState: states } = this.session.sdk.greengrasscoreipc.model;
    await this.#attempt('update-state', async () => {
      if (!this.#running) return;
      await connection.call('the state', async (client) =>
        client.updateState({ state: states.RUNNING }),
      );
    });
    await this.#attempt('configuration-news', async () => {
      await connection.stream(
        'news of the configuration',
        (client) => client.subscribeToConfigurationUpdate({ keyPath: [] }),
        { message: () => void this.reread() },
      );
    });
    if (this.#kind === 'classic') await this.#attempt('updates', () => this.#probe(connection));
    await this.reread();
  }

  /** Subscribes to updates that are to come, which nucleus lite does not know. */
  async #probe(connection: IpcConnection): Promise<void> {
    try {
      await connection.stream('updates', (client) => client.subscribeToComponentUpdates({}), {
        message: ({ preUpdateEvent }) => {
          if (preUpdateEvent !== undefined) void this.#answer(connection, preUpdateEvent);
        },
      });
      this.#kind = 'classic';
    } catch (error) {
      if (!isFoyerError(error) || error.code !== 'nucleus-refused') throw error;
      this.#options.logger.info('updates-not-deferred', { reason: error.message });
    }
  }

  async #answer(connection: IpcConnection, update: { deploymentId: string }): Promise<void> {
    const { deploymentId } = update;
    const busy = this.#events?.busy() ?? false;
    const recheckAfterMs = busy ? deferMs : 0;
    const message = busy ? 'Guests are being let in.' : 'Nobody is being let in.';
    this.#options.logger.info('update-announced', { deploymentId, busy });
    await this.#attempt('defer', async () => {
      await connection.call('the answer to an update', async (client) =>
        client.deferComponentUpdate({ deploymentId, recheckAfterMs, message }),
      );
    });
  }

  async #attempt(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#options.logger.warn('nucleus-not-followed', { what, reason: String(error) });
    }
  }

  #refused(): void {
    const events = this.#events;
    if (events?.mayEnd() !== true) return;
    if (this.#record.mayRestart(this.#options.clock.nowMs())) events.renew();
    else this.#options.logger.error('token-refused', { next: 'no new start for an hour' });
  }
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
