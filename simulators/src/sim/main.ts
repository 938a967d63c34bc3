import { runSeed } from './run.ts';

/** Runs the seeds FROM..TO, one JSON line each; for the workers of `foyer simulate`. */
const [from = 1, to = from] = process.argv.slice(2).map(Number);
for (let seed = from; seed <= to; seed += 1) {
  process.stdout.write(`${JSON.stringify(await runSeed(seed))}\n`);
}
