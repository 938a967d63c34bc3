import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { thingName } from '@foyer/contracts';
import { buildComponents, type Platform } from '@foyer/greengrass-recipes';
import { pinoLogger } from '@foyer/platform/node';

import { NucleusBox, readDeployment } from '../nucleus/index.ts';
import { boxOf, isPlayer, theatreNo } from '../world/index.ts';
import type { Launch } from './program.ts';
import { nodesOf, type TheatreSettings } from './settings.ts';

const version = '0.1.0';

/** The box and the component that a program of the house is. */
function placeOf(name: string): { node: string; component: string } {
  if (name.startsWith('scanner-')) {
    return { node: name.slice('scanner-'.length), component: 'com.foyer.Scanner' };
  }
  if (isPlayer(name)) return { node: boxOf(name), component: 'com.foyer.SignagePlayer' };
  return { node: name, component: 'com.foyer.EdgeAgent' };
}

/** A nucleus stand-in for each box of the house, with the built components deployed to it. */
export class Nuclei {
  readonly #boxes: ReadonlyMap<string, NucleusBox>;
  readonly #socketDir: string;
  #down = false;

  private constructor(boxes: ReadonlyMap<string, NucleusBox>, socketDir: string) {
    this.#boxes = boxes;
    this.#socketDir = socketDir;
  }

  /** Builds the components and starts the boxes; null where the programs are plain processes. */
  static async start(
    settings: TheatreSettings,
    brokerUrl: string,
    progress: (line: string) => void,
  ): Promise<Nuclei | null> {
    const { nucleus: kind, dir } = settings;
    if (kind === undefined) return null;
    const builtDir = join(dir, 'components');
    const packagesDir = join(dir, 'deployed');
    progress('Building the components.');
    const platforms = [process.arch as Platform];
    await buildComponents({ version, outDir: builtDir, platforms, say: progress });
    const deployment = readDeployment(builtDir, packagesDir);
    // The path of a socket has at most 107 bytes.
    const socketDir = mkdtempSync(join(tmpdir(), 'foyer-nuclei-'));
    const boxes = new Map<string, NucleusBox>();
    for (const node of nodesOf(settings)) {
      const box = await NucleusBox.start({
        kind,
        rootDir: join(dir, `nucleus-${node}`),
        packagesDir,
        socketPath: join(socketDir, `${node}.socket`),
        thingName: thingName(theatreNo, node),
        brokerUrl,
        deployment,
        logger: pinoLogger({ level: 'silent' }),
      });
      boxes.set(node, box);
    }
    return new Nuclei(boxes, socketDir);
  }

  /** How the nucleus of its box starts a program; undefined for what is not of the house. */
  launchOf(name: string): ((config: object) => Promise<Launch>) | undefined {
    const { node, component } = placeOf(name);
    const box = this.#boxes.get(node);
    return box === undefined ? undefined : (config) => box.launch(component, config);
  }

  /** Every nucleus ends: connections break, tokens and subscriptions are forgotten. */
  async stop(): Promise<void> {
    this.#down = true;
    await Promise.all([...this.#boxes.values()].map((box) => box.stop()));
  }

  async restart(): Promise<void> {
    if (!this.#down) return;
    this.#down = false;
    await Promise.all([...this.#boxes.values()].map((box) => box.restart()));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#boxes.values()].map((box) => box.close()));
    rmSync(this.#socketDir, { recursive: true, force: true });
  }
}
