import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';

import { FoyerError } from '@foyer/contracts';
import { buildComponents, platformNames, type BuiltComponent } from '@foyer/greengrass-recipes';
import { percentile } from '@foyer/simulators';
import { z } from 'zod';

import type { Output } from '../output.ts';
import { Packaged, type RunningPackage } from './components/packaged.ts';
import { gateAgentConfig, playerConfig, scannerConfig } from './components/settings.ts';
import { residentMb } from './gate/memory.ts';

const optionsSchema = z.object({
  starts: z.coerce.number().int().min(1).max(20).default(5),
});

/** How long each runs before its memory is read. */
const settleMs = 2_000;
const bytesInMegabyte = 1_000_000;

const limits = { zipMb: 15, rssMb: 150, startToReadyMs: 3_000 };

interface Measured {
  readonly component: string;
  readonly zipMb: number;
  readonly unpackedMb: number;
  readonly startToReadyMs: number;
  readonly rssMb: number;
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

class Bench {
  readonly #dir: string;
  readonly #starts: number;

  constructor(dir: string, starts: number) {
    this.#dir = dir;
    this.#starts = starts;
  }

  /** Starts a component several times; while it runs the last time, `use` may need it. */
  async measure(
    component: BuiltComponent,
    config: object,
    use: (running: RunningPackage) => Promise<void> = async () => {},
  ): Promise<Measured> {
    const packaged = new Packaged(component, this.#dir, join(this.#dir, 'boxes', component.name));
    const readyMs: number[] = [];
    let rssMb = 0;
    try {
      for (let start = 1; start <= this.#starts; start++) {
        const running = await packaged.start(config);
        readyMs.push(running.readyMs);
        await new Promise((resolve) => setTimeout(resolve, settleMs));
        rssMb = Math.max(rssMb, residentMb(running.pid) ?? 0);
        if (start === this.#starts) await use(running);
        await running.stop();
      }
    } finally {
      packaged.kill();
    }
    const artifact = component.artifacts[0];
    return {
      component: component.name,
      zipMb: rounded((artifact?.sizeBytes ?? 0) / bytesInMegabyte, 2),
      unpackedMb: rounded((artifact?.unpackedBytes ?? 0) / bytesInMegabyte, 2),
      startToReadyMs: rounded(percentile(readyMs, 0.5), 0),
      rssMb: rounded(rssMb, 1),
    };
  }
}

/**
 * The size of each component's package for this machine, and, of its program run from the unpacked
 * package by its recipe's script: the median time from start to ready, and the largest resident
 * memory two seconds later. The agent runs while the other two are measured.
 */
export async function run(
  options: Readonly<Record<string, unknown>>,
  output: Output,
): Promise<object> {
  const { starts } = optionsSchema.parse(options);
  const platform = platformNames.find((name) => name === process.arch);
  if (platform === undefined) {
    throw new FoyerError('dependency-missing', `There are no packages for ${process.arch}.`);
  }
  const dir = await mkdtemp(join(tmpdir(), 'foyer-components-'));
  try {
    const say = (line: string): void => output.progress(line);
    say('Building the packages');
    const request = { version: '0.0.1', outDir: dir, platforms: [platform], say };
    const { components } = await buildComponents(request);
    const named = (name: string): BuiltComponent => {
      const found = components.find((component) => component.name === name);
      if (found === undefined) throw new FoyerError('not-found', `There is no ${name}.`);
      return found;
    };
    const bench = new Bench(dir, starts);
    const measured: Measured[] = [];
    mkdirSync(join(dir, 'certificates'));
    const agent = await gateAgentConfig(join(dir, 'certificates'));
    const withAgent = await bench.measure(named('com.foyer.EdgeAgent'), agent, async ({ port }) => {
      say('Measuring scanner and player beside the agent');
      measured.push(await bench.measure(named('com.foyer.Scanner'), scannerConfig(port)));
      measured.push(await bench.measure(named('com.foyer.SignagePlayer'), playerConfig(port)));
    });
    return {
      components: [withAgent, ...measured],
      limits,
      node: process.version,
      platform,
      starts,
      cpu: cpus()[0]?.model ?? '',
    };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
