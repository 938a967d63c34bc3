import { readFileSync } from 'node:fs';

import * as z from 'zod/mini';

import { unfitReason, type Built } from './fit.ts';

// A package's install step: says in one sentence why its programs would not start here.

const manifestSchema = z.object({
  foyer: z.object({
    node: z.string(),
    modules: z.string(),
    arch: z.string(),
    glibc: z.nullable(z.tuple([z.number(), z.number()])),
  }),
});

const reportSchema = z.object({
  header: z.object({ glibcVersionRuntime: z.optional(z.string()) }),
});

const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
const built: Built = manifestSchema.parse(JSON.parse(text)).foyer;
const glibc = reportSchema.parse(process.report.getReport()).header.glibcVersionRuntime ?? null;

const reason = unfitReason(built, {
  node: process.version,
  modules: process.versions.modules,
  arch: process.arch,
  glibc,
});
if (reason !== null) {
  process.stderr.write(`${reason}\n`);
  process.exitCode = 1;
}
