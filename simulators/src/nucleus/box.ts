import { execFile } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { FoyerError } from '@foyer/contracts';
import type { Logger } from '@foyer/platform';

import type { NucleusKind } from './behaviour.ts';
import type { DeployedComponent, Deployment } from './deployment.ts';
import { interpolate } from './interpolate.ts';
import { merge } from './operations/configuration.ts';
import { NucleusServices } from './services.ts';

export interface BoxOptions {
  kind: NucleusKind;
  /** The nucleus's own root directory. */
  rootDir: string;
  /** Where the packages are unpacked: `packages` below it is this box's, too. */
  packagesDir: string;
  socketPath: string;
  thingName: string;
  brokerUrl: string;
  deployment: Deployment;
  logger: Logger;
}

/** How a component's run script is started. */
export interface ComponentLaunch {
  words: readonly string[];
  env: Readonly<Record<string, string>>;
  cwd: string;
}

const installTimeoutMs = 120_000;

/** One box: a nucleus stand-in, and the components that are deployed to it. */
export class NucleusBox {
  readonly services: NucleusServices;
  readonly #options: BoxOptions;
  readonly #installed = new Set<string>();

  private constructor(options: BoxOptions) {
    this.#options = options;
    this.services = new NucleusServices(options);
  }

  static async start(options: BoxOptions): Promise<NucleusBox> {
    mkdirSync(join(options.rootDir, 'work'), { recursive: true });
    symlinkSync(join(options.packagesDir, 'packages'), join(options.rootDir, 'packages'));
    const box = new NucleusBox(options);
    await box.services.start();
    return box;
  }

  /**
   * Starts a component anew: its configuration is the recipe's with the deployment's merged in, its
   * install step runs once, and each start has its own token.
   */
  async launch(name: string, configuration: object): Promise<ComponentLaunch> {
    const component = this.#component(name);
    this.services.configurations.set(name, merge(component.configuration, configuration));
    const cwd = join(this.#options.rootDir, 'work', name);
    mkdirSync(cwd, { recursive: true });
    const env = {
      AWS_GG_NUCLEUS_DOMAIN_SOCKET_FILEPATH_FOR_COMPONENT: this.services.socketPath,
      SVCUID: this.services.admit(name),
      AWS_IOT_THING_NAME: this.#options.thingName,
    };
    await this.#install(component, { env, cwd });
    const run = component.scripts['run'] ?? component.scripts['startup'];
    if (run === undefined) throw new FoyerError('not-found', `${name} has nothing to run.`);
    return { words: ['/bin/sh', '-c', this.#fill(component, run)], env, cwd };
  }

  /** The nucleus ends: its socket, its connection to IoT Core, and whatever it knew of tokens. */
  async stop(): Promise<void> {
    await this.services.stopIpc();
    await this.services.restartDaemons();
  }

  async restart(): Promise<void> {
    await this.services.start();
  }

  async close(): Promise<void> {
    await this.services.close();
  }

  async #install(
    component: DeployedComponent,
    { env, cwd }: Pick<ComponentLaunch, 'env' | 'cwd'>,
  ): Promise<void> {
    const { install } = component.scripts;
    if (install === undefined || this.#installed.has(component.name)) return;
    await promisify(execFile)('/bin/sh', ['-c', this.#fill(component, install)], {
      cwd,
      env: { ...process.env, ...env },
      timeout: installTimeoutMs,
    });
    this.#installed.add(component.name);
  }

  #fill({ name, version }: DeployedComponent, script: string): string {
    const { kind, rootDir, thingName } = this.#options;
    const configuration = this.services.configurations.get(name);
    return interpolate(script, kind, {
      component: name,
      version,
      rootDir,
      thingName,
      configuration,
    });
  }

  #component(name: string): DeployedComponent {
    const found = this.#options.deployment.components.find((one) => one.name === name);
    if (found === undefined) throw new FoyerError('not-found', `${name} is not deployed here.`);
    return found;
  }
}
