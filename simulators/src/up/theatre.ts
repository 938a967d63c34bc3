import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { FoyerError } from '@foyer/contracts';
import { startAgainCode } from '@foyer/platform/greengrass';
import { bundleFile } from '@foyer/platform/home';

import { boxIds, boxOf, gateId, isPlayer, playerOf } from '../world/index.ts';
import { Cabling } from './cabling.ts';
import { Nuclei } from './nuclei.ts';
import { Program } from './program.ts';
import type { Ready } from './program.ts';
import { provision } from './provision.ts';
import {
  agentConfig,
  cloudConfig,
  guestsConfig,
  managerConfig,
  nodesOf,
  playerConfig,
  scannerConfig,
  serverConfig,
  theatreNode,
} from './settings.ts';
import type { TheatreSettings } from './settings.ts';
import { fillCatalogue, fillScreens, seedCloud } from './seeding.ts';
import type { FaultTarget } from './faults.ts';

/** What a theatre tells whoever runs it. */
export interface TheatreEvents {
  readonly progress: (line: string) => void;
  /** Each line that the guests say. */
  readonly onGuestLine: (line: string) => void;
}

/** The bundle that a program which can be killed runs. */
function bundleOf(name: string): string {
  if (['broker', 'payment', 'cloud'].includes(name)) return name;
  return isPlayer(name) ? 'player' : 'agent';
}

/** What is not started again when it ends by itself. */
const unattended = (name: string): boolean =>
  name === 'guests' || name === 'manager' || name.startsWith('scanner-');

const mostDeaths = 5;
const restartPauseMs = 400;

/** A whole theatre of real processes on this machine: it starts, breaks, mends and ends them. */
export class Theatre {
  readonly settings: TheatreSettings;
  readonly cabling: Cabling;
  readonly #events: TheatreEvents;
  readonly #programs = new Map<string, Program>();
  readonly #ports = new Map<string, number>();
  readonly #killed = new Set<string>();
  readonly #deaths = new Map<string, number>();
  #nuclei: Nuclei | null = null;
  #content: Promise<void> = Promise.resolve();
  #closing = false;

  private constructor(settings: TheatreSettings, cabling: Cabling, events: TheatreEvents) {
    this.settings = settings;
    this.cabling = cabling;
    this.#events = events;
  }

  /**
   * Provisions, seeds and starts everything but the guests' load.
   * @throws FoyerError of the first program that does not start; the others have been ended.
   */
  static async start(settings: TheatreSettings, events: TheatreEvents): Promise<Theatre> {
    mkdirSync(settings.dir, { recursive: true, mode: 0o700 });
    const cabling = await Cabling.lay(nodesOf(settings));
    const theatre = new Theatre(settings, cabling, events);
    try {
      await theatre.#startAll();
    } catch (error) {
      await theatre.close();
      throw error;
    }
    return theatre;
  }

  /** The local API or booking API of a program, by its name. */
  urlOf(name: string): string {
    return `http://127.0.0.1:${this.#ports.get(name) ?? 0}`;
  }

  /** Resolves when the cloud has what the screens show. @throws FoyerError of the booking API. */
  contentLoaded(): Promise<void> {
    return this.#content;
  }

  /** Names of the programs that were killed and not started again. */
  get killed(): ReadonlySet<string> {
    return this.#killed;
  }

  /** How often programs ended although nobody asked them to. */
  get crashes(): number {
    return [...this.#deaths.values()].reduce((sum, deaths) => sum + deaths, 0);
  }

  /** Tells the guests to come, or to come no more. */
  tellGuests(word: 'begin' | 'stop'): void {
    const guests = this.#programs.get('guests');
    if (word === 'stop') guests?.release();
    guests?.say(word);
  }

  async begin(target: FaultTarget): Promise<void> {
    if (target.kind === 'cut') this.cabling.cut(target.link);
    else if (target.kind === 'nucleus') await this.#nuclei?.stop();
    else await this.#kill(target.program);
  }

  async mend(target: FaultTarget): Promise<void> {
    if (target.kind === 'cut') this.cabling.mend(target.link);
    else if (target.kind === 'nucleus') await this.#nuclei?.restart();
    else await this.#restart(target.program);
  }

  /** Mends whatever is cut or killed. */
  async mendAll(): Promise<void> {
    for (const link of this.cabling.cuts) this.cabling.mend(link);
    await this.#nuclei?.restart();
    await Promise.all([...this.#killed].map((program) => this.#restart(program)));
  }

  /** Ends every process. Idempotent; safe after a failed start. */
  async close(): Promise<void> {
    this.#closing = true;
    const stop = (names: readonly string[]): Promise<unknown> =>
      Promise.all(names.map(async (name) => this.#programs.get(name)?.stop()));
    await stop(['guests']);
    await stop([...this.#programs.keys()]);
    await this.#nuclei?.close();
    await this.cabling.close();
  }

  async #startAll(): Promise<void> {
    const { settings } = this;
    const nodes = nodesOf(settings);
    const seeded = seedCloud(settings, Date.now());
    const provisioned = provision(join(settings.dir, 'certificates'), nodes);
    this.#nuclei = await Nuclei.start(settings, this.cabling.wanUrl, this.#events.progress);
    await allOf([
      this.#launch('broker'),
      this.#launch('payment'),
      (async () => {
        await Promise.all([seeded, provisioned]);
        await this.#launch('cloud');
        const { world } = await seeded;
        await fillCatalogue(settings, this.urlOf('cloud'), world);
        // Nobody waits at the doors until the pictures are drawn.
        this.#content = fillScreens(settings, this.urlOf('cloud'), world);
        this.#content.catch((error: unknown) => {
          this.#events.progress(`The screens have no content: ${String(error)}`);
        });
      })(),
      (async () => {
        await provisioned;
        await allOf(nodes.map((node) => this.#launchNode(node)));
      })(),
    ]);
    await allOf(boxIds(settings.boxes).map((box) => this.#launch(playerOf(box))));
    if (settings.managerToken !== null) await this.#launchManager(settings.managerToken);
    const scanners = Array.from(
      { length: settings.gates },
      (_, index) => this.#ports.get(`scanner-${gateId(index)}`) ?? 0,
    );
    const { oldBookings } = await seeded;
    const guests = this.#program('guests', 'guests');
    await guests.start(
      guestsConfig(settings, this.#ports.get('cloud') ?? 0, scanners, oldBookings),
    );
  }

  async #launchNode(node: string): Promise<void> {
    await this.#launch(node);
    if (!node.startsWith('gate-')) return;
    const scanner = this.#program(`scanner-${node}`, 'scanner');
    const ready = await scanner.start(scannerConfig(this.#ports.get(node) ?? 0));
    this.#ports.set(scanner.name, ready.port ?? 0);
  }

  async #launchManager(token: string): Promise<void> {
    const portOf = (name: string): number => this.#ports.get(name) ?? 0;
    const manager = this.#program('manager', 'signage-manager');
    const ready = await manager.start(
      managerConfig(this.settings, token, {
        theatre: portOf(theatreNode),
        cloud: portOf('cloud'),
        players: boxIds(this.settings.boxes).map((box) => portOf(playerOf(box))),
      }),
    );
    this.#ports.set('manager', ready.port ?? 0);
  }

  /** The page that manages the screens, with the token that opens it; null without one. */
  get managerUrl(): string | null {
    const { managerToken } = this.settings;
    return managerToken === null ? null : `${this.urlOf('manager')}/#token=${managerToken}`;
  }

  #program(name: string, bundle: string): Program {
    if (this.#closing) throw new FoyerError('wrong-state', 'The theatre closes.');
    const known = this.#programs.get(name);
    if (known !== undefined) return known;
    const program = new Program({
      name,
      file: bundleFile(bundle),
      dir: this.settings.dir,
      launch: this.#nuclei?.launchOf(name),
      onLine: (line) => {
        if (name === 'guests') this.#events.onGuestLine(line);
      },
      onDeath: (how) => this.#died(name, how),
    });
    this.#programs.set(name, program);
    return program;
  }

  /** Starts one of the programs that can be killed, and plugs it in. */
  async #launch(name: string): Promise<void> {
    const ready = await this.#program(name, bundleOf(name)).start(this.#configOf(name));
    this.#ports.set(name, ready.port ?? 0);
    this.#plug(name, ready);
  }

  #configOf(name: string): object {
    const port = this.#ports.get(name);
    if (name === 'cloud') return cloudConfig(this.settings, this.cabling, port);
    if (name === 'broker' || name === 'payment') return serverConfig();
    if (isPlayer(name)) {
      const agent = this.#ports.get(boxOf(name)) ?? 0;
      const cloud = this.#ports.get('cloud') ?? 0;
      return playerConfig(this.settings, name, { agent, cloud, own: port });
    }
    return agentConfig(this.settings, this.cabling, name, port);
  }

  #plug(name: string, ready: Ready | undefined): void {
    if (name === 'broker' || name === 'payment') this.cabling.plug(name, ready?.port);
    else if (name !== 'cloud' && !isPlayer(name)) this.cabling.plugMesh(name, ready?.meshPort);
  }

  async #kill(name: string): Promise<void> {
    const program = this.#programs.get(name);
    if (program === undefined) {
      throw new FoyerError('not-found', `There is no program "${name}" in this theatre.`);
    }
    this.#killed.add(name);
    await program.kill();
    this.#plug(name, undefined);
  }

  async #restart(name: string): Promise<void> {
    if (!this.#killed.delete(name) || this.#closing) return;
    await this.#launch(name);
  }

  #died(name: string, how: string): void {
    if (this.#closing) return;
    // A component whose token was forgotten ends, to be started with another.
    const renewal = this.#nuclei !== null && how === `code ${startAgainCode}`;
    const deaths = (this.#deaths.get(name) ?? 0) + (renewal ? 0 : 1);
    this.#deaths.set(name, deaths);
    const log = this.#programs.get(name)?.logFile ?? '';
    this.#events.progress(`${name} ended by itself (${how}); its log: ${log}`);
    if (unattended(name) || deaths > mostDeaths) return;
    this.#plug(name, undefined);
    setTimeout(() => {
      if (this.#closing || this.#killed.has(name)) return;
      this.#launch(name).catch((error: unknown) => {
        this.#events.progress(`${name} could not be started again: ${String(error)}`);
      });
    }, restartPauseMs);
  }
}

// Unlike Promise.all it waits for the others also when one fails: what is started can be ended.
async function allOf(parts: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(parts)) {
    if (result.status === 'rejected') throw result.reason;
  }
}
