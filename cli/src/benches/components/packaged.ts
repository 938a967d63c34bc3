import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';

import { FoyerError } from '@foyer/contracts';
import { recipeSchema, scriptOf, unpack, type BuiltComponent } from '@foyer/greengrass-recipes';
import type { LifecycleStep, Manifest } from '@foyer/greengrass-recipes';
import { parseJson } from '@foyer/simulators';
import { z } from 'zod';

const readySchema = z.looseObject({ ready: z.literal(true), port: z.int() });

const readyTimeoutMs = 30_000;
const stopTimeoutMs = 6_000;

/** Where a run step's script has its program look for the settings of the box. */
const boxFile = /\/etc\/foyer\/(\w+\.json)/;

/** A program of a package that serves. */
export interface RunningPackage {
  readonly port: number;
  readonly pid: number;
  /** From starting the shell to the ready line. */
  readonly readyMs: number;
  /** SIGTERM, twice as a nucleus sends it; the exit code. */
  stop(): Promise<number | null>;
}

/**
 * A component as a nucleus has it: the zip for this machine unpacked into a directory of its own,
 * the scripts of the recipe run by sh, and nothing of this installation beside it but Node.
 */
export class Packaged {
  readonly workDir: string;
  readonly #manifest: Manifest;
  readonly #unpackedDir: string;
  /** Stands for /etc/foyer, where a box's own settings are. */
  readonly #etcDir: string;
  #child: ChildProcess | undefined;

  /** @param outDir of the build @param dir an empty directory */
  constructor(component: BuiltComponent, outDir: string, dir: string) {
    this.workDir = join(dir, 'work', component.name);
    this.#unpackedDir = join(dir, 'artifacts-unarchived', component.name, component.version);
    this.#etcDir = join(dir, 'etc');
    for (const made of [this.workDir, this.#etcDir]) mkdirSync(made, { recursive: true });
    const artifact = component.artifacts.find(
      ({ platform }) => platform === null || platform === process.arch,
    );
    const recipe = recipeSchema.parse(
      JSON.parse(readFileSync(join(outDir, component.recipe.file), 'utf8')),
    );
    const file = artifact?.file ?? '';
    const manifest = recipe.Manifests.find(({ Artifacts = [] }) =>
      Artifacts.some(({ Uri }) => Uri.endsWith(basename(file))),
    );
    if (artifact === undefined || manifest === undefined) {
      throw new FoyerError('not-found', `${component.name} is not built for ${process.arch}.`);
    }
    this.#manifest = manifest;
    unpack(join(outDir, file), join(this.#unpackedDir, basename(file, '.zip')));
  }

  /** Runs the install step; its exit code, and what it said on stderr. */
  async install(): Promise<{ code: number | null; said: string }> {
    return this.shell(this.#manifest.Lifecycle?.install ?? 'exit 127');
  }

  /** Runs a script as a step of the recipe; its exit code, and what it said on stderr. */
  async shell(step: LifecycleStep): Promise<{ code: number | null; said: string }> {
    const child = this.#spawn(step);
    let said = '';
    child.stderr?.on('data', (chunk) => (said += String(chunk)));
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, said };
  }

  /** Runs the run step with this configuration until the program serves. */
  async start(config: object): Promise<RunningPackage> {
    const startMs = performance.now();
    const run = this.#manifest.Lifecycle?.run ?? 'exit 127';
    const name = boxFile.exec(scriptOf(run))?.[1] ?? '';
    writeFileSync(join(this.#etcDir, name), JSON.stringify(config), { mode: 0o600 });
    const child = this.#spawn(run);
    this.#child = child;
    const { port } = await untilReady(child);
    return {
      port,
      pid: child.pid ?? 0,
      readyMs: performance.now() - startMs,
      stop: () => stop(child),
    };
  }

  /** Ends what still runs, at once. */
  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  #spawn(step: LifecycleStep): ChildProcess {
    const filled = scriptOf(step)
      .replaceAll('{artifacts:decompressedPath}', this.#unpackedDir)
      .replaceAll('{work:path}', this.workDir)
      .replaceAll('/etc/foyer/', `${this.#etcDir}/`);
    return spawn('/bin/sh', ['-c', filled], {
      cwd: this.workDir,
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }
}

function untilReady(child: ChildProcess): Promise<z.infer<typeof readySchema>> {
  return new Promise((resolve, reject) => {
    let said = '';
    const fail = (what: string): void => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(new FoyerError('timeout', `The component ${what}: ${said.trim().slice(-1_000)}`));
    };
    const timer = setTimeout(() => fail('did not serve within 30 s'), readyTimeoutMs);
    child.once('exit', (code) => fail(`ended at its start (${code})`));
    child.stderr?.on('data', (chunk) => (said = (said + String(chunk)).slice(-4_000)));
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const ready = readySchema.safeParse(parseJson(line));
      if (!ready.success) return;
      clearTimeout(timer);
      resolve(ready.data);
    });
  });
}

async function stop(child: ChildProcess): Promise<number | null> {
  const gone = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
  const code = await gone;
  clearTimeout(force);
  return code;
}
