// Tests that start real processes run them from the bundles; make those once, before any test.

import { ensureBundles } from './bundles.mjs';

export default async function setup() {
  const { failures } = await ensureBundles((line) => process.stderr.write(`${line}\n`));
  for (const failure of failures) process.stderr.write(`Could not build ${failure}\n`);
}
