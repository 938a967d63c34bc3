// PouchDB's server with a database of tickets, as its documentation has one set up: LevelDB behind
// express-pouchdb. Configuration as for every program: FOYER_CONFIG names a JSON file.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

import PouchDB from 'pouchdb';

const batch = 1000;
const config = JSON.parse(readFileSync(process.env.FOYER_CONFIG, 'utf8'));
process.chdir(config.dir);

const pouchApp = createRequire(import.meta.url)('express-pouchdb');
const Stored = PouchDB.defaults({ prefix: `${config.dir}/` });
const tickets = new Stored('tickets');

// Its own Express is the one that it works with.
const app = pouchApp(Stored, { mode: 'minimumForPouchDB', inMemoryConfig: true });
const server = createServer(app).listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ ready: true, port: server.address().port })}\n`);
});
process.once('SIGTERM', () => process.exit(0));

const rows = readFileSync(config.rows, 'utf8').trimEnd().split('\n');
for (let at = 0; at < rows.length; at += batch) {
  const docs = rows.slice(at, at + batch).map((row) => {
    const [ticketId, bookingRef, showNo, seat, ticketClass, status, priceMinor] = JSON.parse(row);
    return { _id: ticketId, bookingRef, showNo, seat, ticketClass, status, priceMinor };
  });
  await tickets.bulkDocs(docs);
}
process.stdout.write(`${JSON.stringify({ filled: true })}\n`);
