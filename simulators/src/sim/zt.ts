import { runSeed } from './run.ts';
const r = await runSeed(Number(process.argv[2]), { onLine: (l) => process.stdout.write(l + '\n') });
console.log(JSON.stringify(r.violations, null, 1));
