import { expect, test } from 'vitest';

import { checkRights } from './rights.ts';
import { RunBuilder } from './testing/run.ts';

test('a reversal opens one right, and not two', () => {
  const builder = new RunBuilder();
  const ticketId = builder.sell();
  const first = builder.admit({ gate: 'gate-1', ticketId });
  builder.reverse(first);
  builder.admit({ gate: 'gate-2', ticketId, n: 1 });
  expect(checkRights(builder.end())).toEqual([]);
  builder.admit({ gate: 'gate-2', ticketId, n: 2 });
  expect(checkRights(builder.end())).toMatchObject([{ law: 'rights' }]);
});

test('a whole theatre refuses no right that is open', () => {
  const builder = new RunBuilder();
  const ticketId = builder.sell();
  const first = builder.admit({ gate: 'gate-1', ticketId });
  builder.probe('gate-2', first);
  const full = builder.end();
  const [probe] = full.probes;
  for (const { events } of full.nodes) {
    for (const { body } of events) {
      if (body.kind === 'denial' && body.scanId === probe?.verdict.scanId) {
        body.ticketId = ticketId;
      }
    }
  }
  expect(checkRights(full)).toEqual([]);
  full.committed = full.committed.filter(({ body }) => body.kind !== 'admission');
  expect(checkRights(full)).toMatchObject([{ law: 'rights' }]);
});
