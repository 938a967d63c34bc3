import type { Message } from '@foyer/contracts';

import { fixture, wordsOf } from '../examples.ts';
import { chunkOf, epochs, rowsOf, showNo } from '../rigs/house.ts';
import { openSession, sessionOf, sessionShape } from '../rigs/sessions.ts';
import type { FuzzTarget } from '../target.ts';

const rows = rowsOf.house;
const position = { feed: 'house', epoch: epochs.house } as const;
const tickets = { feed: 'tickets', epoch: epochs.tickets } as const;
const digest = { count: 1, sum: 5 };
const other = '00000009-0000-4000-8000-000000000009';
const body = chunkOf('house', rows).body;
const group = String(showNo);
const whole = { group, from: '', to: '' };

const next = chunkOf('house', rows, rows.length);
const hint: Message = { type: 'hint', ...tickets, head: rowsOf.tickets.length, digest };
const page: Message = {
  type: 'snapshot',
  feed: 'house',
  epoch: other,
  head: 30,
  mark: null,
  after: '',
  nextAfter: null,
  body,
};

export const feedTarget: FuzzTarget = {
  name: 'feed',
  takes: 'chunks, snapshots, hints and repairs at a gate: rows become verdicts and shows',
  shape: sessionShape,
  words: [...wordsOf([...fixture('rows').values()].flat()), 'house', 'tickets', 'secrets', 'same'],
  seeds: () => [
    sessionOf([0, next]),
    ...rows.map((row) => sessionOf([0, chunkOf('house', [row], rows.length)])),
    sessionOf([0, chunkOf('tickets', rowsOf.tickets, rowsOf.tickets.length)]),
    sessionOf([0, hint]),
    sessionOf([0, { type: 'hint', feed: 'house', epoch: other, head: 30 }], [0, page]),
    sessionOf(
      [0, { ...page, nextAfter: 'key/1' }],
      [0, { ...page, after: 'key/1', nextAfter: null }],
    ),
    sessionOf(
      [0, hint],
      [0, { type: 'compared', ...tickets, at: 4, ranges: [{ ...whole, digest }] }],
      [0, { type: 'range-rows', ...tickets, at: 4, ...whole, body: chunkOf('tickets', []).body }],
    ),
    sessionOf(
      [1, { type: 'compare', ...tickets, at: 4, range: null }],
      [1, { type: 'compare', ...tickets, at: 4, range: whole }],
      [1, { type: 'fetch-range', ...tickets, at: 4, ...whole }],
    ),
    sessionOf([
      1,
      {
        type: 'pull',
        ...position,
        since: 3,
        mark: null,
        credits: 8,
        maxBytes: 4096,
        accept: ['json', 'br'],
        snapshot: null,
      },
    ]),
  ],
  open: () => openSession('gate-1', 'gate'),
  inputsPerRig: 6,
};
