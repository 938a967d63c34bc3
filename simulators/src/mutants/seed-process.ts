import type { SeedNews } from './news.ts';

/** What running one seed comes to. */
export interface SeedOutcome {
  readonly violations: readonly { law: string; detail: string }[];
}

const maxDetail = 500;

function tell(news: SeedNews): Promise<void> {
  return new Promise((resolve, reject) => {
    if (process.send === undefined) {
      process.stdout.write(`${JSON.stringify(news)}\n`);
      resolve();
      return;
    }
    process.send(news, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}

/**
 * Runs the seeds of the arguments (`3,1,2`) in their order until one breaks a law, telling each.
 */
export async function runSeeds(
  run: (seed: number) => Promise<SeedOutcome>,
  args: readonly string[] = process.argv.slice(2),
): Promise<void> {
  const seeds = (args[0] ?? '').split(',').map(Number);
  const keepOn = args.includes('--all');
  await tell({ kind: 'ready' });
  for (const seed of seeds) {
    const { violations } = await run(seed);
    const laws = [...new Set(violations.map(({ law }) => law))];
    const detail = violations[0]?.detail.slice(0, maxDetail) ?? '';
    await tell({ kind: 'seed', seed, laws, detail });
    if (laws.length > 0 && !keepOn) break;
  }
  if (process.connected) process.disconnect();
}
