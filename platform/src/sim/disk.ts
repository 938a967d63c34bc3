import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import Database from 'better-sqlite3';
import { FoyerError } from '@foyer/contracts';

import type { Journal, Migration, SqlValue, Statement } from '../journal.ts';
import type { Logger } from '../logger.ts';
import { openJournal } from '../node/journal.ts';
import { openOrQuarantine } from '../node/quarantine.ts';
import type { SimRandom } from './random.ts';
import { readWalPosition, walBytes } from './wal.ts';

/** Thrown into code whose process or machine a test ends; only the test may catch it. */
export class SimCrash extends Error {
  override readonly name = 'SimCrash';
}

/** A moment at which a test may end the process, by throwing SimCrash. */
export type DiskStep = 'statement' | 'before-commit' | 'after-commit';

export interface DiskOptions {
  /** A directory for the files; a temporary one when absent. /dev/shm is the fastest. */
  dir?: string;
  migrations: readonly Migration[];
  /** Overrides what production sets, to show what it is worth. */
  synchronous?: 'FULL' | 'NORMAL' | 'OFF';
}

/**
 * The disk of one simulated node, with one real SQLite file in it. Processes on it come and go:
 * `crash` ends one as kill -9 does, `powerCut` as a pulled plug does; then `open` starts the next.
 */
export class SimDisk {
  readonly #options: DiskOptions;
  readonly #dir: string;
  #path: string;
  #generation = 0;
  #journal: DiskJournal | null = null;
  #migrations: readonly Migration[];
  #full = false;
  #reader: Reader | null = null;
  #readers = 0;
  #onStep: ((step: DiskStep) => void) | null = null;

  constructor(options: DiskOptions) {
    this.#options = options;
    this.#migrations = options.migrations;
    this.#dir = mkdtempSync(join(options.dir ?? tmpdir(), 'foyer-sim-disk-'));
    this.#path = join(this.#dir, '0.db');
  }

  /** The database file of now; it has another name after a crash. */
  get path(): string {
    return this.#path;
  }

  /** The journal of the running process. It is opened at the first call after a crash. */
  open(): Journal {
    if (this.#journal !== null) return this.#journal;
    return this.#take(openJournal({ path: this.#path, migrations: this.#migrations }));
  }

  /** Starts a process as a program does: a damaged file is set aside, and its name is told. */
  start(options: { migrations: readonly Migration[]; logger: Logger; nowMs: number }): {
    journal: Journal;
    quarantined: string | null;
  } {
    this.#end();
    const { journal, quarantined } = openOrQuarantine({ path: this.#path, ...options });
    return { journal: this.#take(journal), quarantined };
  }

  #take(inner: Journal): DiskJournal {
    const mode = this.#options.synchronous;
    if (mode !== undefined) inner.prepare(`PRAGMA synchronous = ${mode}`).run();
    this.#journal = new DiskJournal(inner, {
      step: (step) => this.#onStep?.(step),
      isFull: () => this.#full,
    });
    return this.#journal;
  }

  /** Ends the process in an orderly way and starts the next, perhaps one with more migrations. */
  reopen(migrations?: readonly Migration[]): Journal {
    this.#end();
    this.#migrations = migrations ?? this.#migrations;
    return this.open();
  }

  /** While true, every commit that writes throws `disk-full`. */
  setFull(full: boolean): void {
    this.#full = full;
  }

  /** Called at each step of the open journal; it may throw SimCrash to end the process there. */
  onStep(listener: ((step: DiskStep) => void) | null): void {
    this.#onStep = listener;
  }

  /** Ends the process: what was committed stays, an open transaction is lost, nothing is tidied. */
  crash(): void {
    this.#moveOn((from) => copyFiles(from, this.#path));
  }

  /**
   * Cuts the power: what was synchronised stays, of what came after any byte may be missing or, at
   * the tear, wrong.
   */
  powerCut(random: SimRandom): void {
    const full = this.#journal?.synchronous() ?? true;
    this.#moveOn((from) => {
      const position = readWalPosition(from);
      copyFiles(from, this.#path);
      const wal = `${this.#path}-wal`;
      if (position === null || !existsSync(wal)) return;
      const frames = full ? position.committedFrames : position.checkpointedFrames;
      const content = readFileSync(wal);
      const durable = Math.min(walBytes(position.pageBytes, frames), content.length);
      const kept = durable + random.int(content.length - durable + 1);
      const torn = Buffer.from(content.subarray(0, kept));
      for (let i = Math.max(durable, kept - 512); i < kept; i += 1) torn[i] = random.int(256);
      writeFileSync(wal, torn);
    });
  }

  /**
   * Ends the process and flips `count` bits in the WAL, as a disk that ages does: SQLite ends its
   * reading at the first frame whose checksum is wrong.
   */
  rot(random: SimRandom, count: number): void {
    this.#moveOn((from) => {
      copyFiles(from, this.#path);
      for (let left = count; left > 0; left -= 1) flipBit(this.#path, random);
    });
  }

  /** The rows of a query, read beside whatever runs on the disk; none where it is damaged. */
  read<Row>(sql: string): Row[] {
    if (!existsSync(this.#path)) return [];
    this.#reader ??= this.#newReader();
    return this.#reader.all(sql) as Row[];
  }

  /** Another text whenever a process may have written since; the same where none has. */
  version(): string {
    if (!existsSync(this.#path)) return `${this.#generation} none`;
    this.#reader ??= this.#newReader();
    return `${this.#generation} ${this.#readers} ${this.#reader.version()}`;
  }

  #newReader(): Reader {
    this.#readers += 1;
    return new Reader(this.#path);
  }

  /** A copy of this disk as it is now: a cloned node, or a backup to restore from. */
  clone(): SimDisk {
    const copy = new SimDisk(this.#options);
    copyFiles(this.#path, copy.#path);
    return copy;
  }

  /** Ends the process and puts back what `backup` holds. */
  restore(backup: SimDisk): void {
    this.#moveOn(() => copyFiles(backup.#path, this.#path));
  }

  /** Ends the process and empties the disk: a replaced one. */
  replace(): void {
    this.#moveOn(() => {});
  }

  /** Ends the process and removes the files. Idempotent. */
  destroy(): void {
    this.#end();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  /**
   * The next process finds its files under a new name, so that closing the old one cannot help it.
   */
  #moveOn(makeNext: (from: string) => void): void {
    const from = this.#path;
    this.#generation += 1;
    this.#path = join(this.#dir, `${this.#generation}.db`);
    makeNext(from);
    this.#end();
    for (const suffix of ['', '-wal', '-shm']) rmSync(from + suffix, { force: true });
  }

  #end(): void {
    this.#reader?.close();
    this.#reader = null;
    this.#journal?.kill();
    this.#journal = null;
  }
}

/** A connection beside the one of the process; what cannot be read is not there. */
class Reader {
  readonly #path: string;
  readonly #statements = new Map<string, Database.Statement>();
  #database: Database.Database | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  all(sql: string): unknown[] {
    try {
      this.#database ??= new Database(this.#path, { readonly: true });
      let statement = this.#statements.get(sql);
      if (statement === undefined) {
        statement = this.#database.prepare(sql);
        this.#statements.set(sql, statement);
      }
      return statement.all();
    } catch {
      return [];
    }
  }

  /** SQLite's own count of what other connections committed; null where it cannot be read. */
  version(): number | null {
    const [row] = this.all('PRAGMA data_version') as { data_version: number }[];
    return row?.data_version ?? null;
  }

  close(): void {
    this.#database?.close();
  }
}

function flipBit(path: string, random: SimRandom): void {
  const file = `${path}-wal`;
  if (!existsSync(file)) return;
  const content = readFileSync(file);
  if (content.length === 0) return;
  const at = random.int(content.length);
  content[at] = (content[at] ?? 0) ^ (1 << random.int(8));
  writeFileSync(file, content);
}

function copyFiles(from: string, to: string): void {
  for (const suffix of ['', '-wal']) {
    if (existsSync(from + suffix)) copyFileSync(from + suffix, to + suffix);
  }
}

interface Hooks {
  step(step: DiskStep): void;
  isFull(): boolean;
}

/** A journal whose process can end under it: from then on each call throws SimCrash. */
class DiskJournal implements Journal {
  readonly #inner: Journal;
  readonly #hooks: Hooks;
  readonly #statements = new Map<string, Statement>();
  #dead = false;
  #depth = 0;

  constructor(inner: Journal, hooks: Hooks) {
    this.#inner = inner;
    this.#hooks = hooks;
  }

  get commits(): number {
    return this.#inner.commits;
  }

  /** Whether commits are synchronised before they return. */
  synchronous(): boolean {
    if (this.#dead) return true;
    const full = 2;
    const row = this.#inner.prepare<{ synchronous: number }>('PRAGMA synchronous').get();
    return (row?.synchronous ?? full) >= full;
  }

  prepare<Row = unknown>(sql: string): Statement<Row> {
    this.#live();
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#wrap(this.#inner.prepare(sql));
      this.#statements.set(sql, statement);
    }
    return statement as Statement<Row>;
  }

  transaction<T>(work: () => T): T {
    this.#live();
    this.#depth += 1;
    try {
      const outermost = this.#depth === 1;
      const result = this.#inner.transaction(() => {
        const value = work();
        if (outermost) this.#hooks.step('before-commit');
        return value;
      });
      if (outermost) this.#hooks.step('after-commit');
      return result;
    } finally {
      this.#depth -= 1;
    }
  }

  close(): void {
    if (!this.#dead) this.#inner.close();
    this.#dead = true;
  }

  kill(): void {
    this.close();
  }

  #live(): void {
    if (this.#dead) throw new SimCrash('The process that used this journal has ended.');
  }

  #wrap(inner: Statement): Statement {
    const run = (values: SqlValue[]): { changes: number } => {
      this.#live();
      this.#hooks.step('statement');
      if (this.#hooks.isFull()) {
        throw new FoyerError('disk-full', 'The simulated disk is full.');
      }
      const result = inner.run(...values);
      if (this.#depth === 0) this.#hooks.step('after-commit');
      return result;
    };
    const read = <T>(act: () => T): T => {
      this.#live();
      return act();
    };
    return {
      run: (...values) => run(values),
      get: (...values) => read(() => inner.get(...values)),
      all: (...values) => read(() => inner.all(...values)),
      iterate: (...values) => read(() => inner.iterate(...values)),
    };
  }
}
