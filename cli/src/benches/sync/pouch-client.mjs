// Replicates a PouchDB server's tickets into an empty LevelDB, and says how long it took.

import { readFileSync } from 'node:fs';

import PouchDB from 'pouchdb';

const config = JSON.parse(readFileSync(process.env.FOYER_CONFIG, 'utf8'));
const local = new PouchDB(`${config.dir}/replica`);
await local.info();
process.stdout.write(`${JSON.stringify({ ready: true })}\n`);

const startMs = performance.now();
await PouchDB.replicate(`${config.url}/tickets`, local, { batch_size: config.batch });
const seconds = (performance.now() - startMs) / 1000;
const { doc_count: rows } = await local.info();
process.stdout.write(`${JSON.stringify({ seconds, rows })}\n`);
