import type { Link, LinkLimits } from '@foyer/platform';
import { ioTCoreLimits, lanLimits } from '@foyer/platform';
import { SimClock } from '@foyer/platform/sim';
import { expect, test } from 'vitest';

import { Egress, type DroppedFrame } from './egress.ts';

function recorder(limits: LinkLimits, clock: SimClock) {
  const sent: { peer: string; size: number; atMs: number }[] = [];
  let open = true;
  const link: Link = {
    limits,
    peers: () => ['a', 'b'],
    send: (peer, payload) => {
      if (open) sent.push({ peer, size: payload.byteLength, atMs: clock.monotonicMs() });
      return open;
    },
    onPayload: () => undefined,
    onPeer: () => undefined,
    close: () => Promise.resolve(),
  };
  return { link, sent, setOpen: (value: boolean) => (open = value) };
}

const frame = (size: number): Uint8Array => new Uint8Array(size);

test('admissions overtake what waits, and the others share by bytes', () => {
  const clock = new SimClock();
  const { link, sent, setOpen } = recorder(lanLimits, clock);
  const egress = new Egress(link, clock);
  setOpen(false);
  for (let n = 0; n < 10; n += 1) {
    egress.send('telemetry', 'a', frame(100));
    egress.send('feed', 'a', frame(100));
  }
  egress.send('ledger', 'a', frame(7));
  egress.send('control', 'a', frame(3));
  setOpen(true);
  clock.advance(100);
  // What was made for the link first stays first; then control and ledger go.
  expect(sent.slice(0, 3).map((s) => s.size)).toContain(7);
  expect(sent.slice(0, 3).map((s) => s.size)).toContain(3);
  expect(sent).toHaveLength(22);
});

test('keeps to the rates of a limited link within any second, both directions counted', () => {
  const clock = new SimClock();
  const { link, sent } = recorder(ioTCoreLimits, clock);
  const egress = new Egress(link, clock);
  for (let n = 0; n < 500; n += 1) egress.send('telemetry', 'a', frame(20_000));
  for (let n = 0; n < 200; n += 1) {
    egress.received(100);
    clock.advance(20);
  }
  for (const { atMs } of sent) {
    const second = sent.filter((s) => s.atMs >= atMs && s.atMs < atMs + 1000);
    expect(second.length).toBeLessThanOrEqual(50);
    expect(second.reduce((sum, s) => sum + s.size, 0)).toBeLessThanOrEqual(512 * 1024);
  }
  expect(sent.length).toBeGreaterThan(60);
});

test('a stream makes a frame only when there is room, and lets others in between', () => {
  const clock = new SimClock();
  const { link, sent } = recorder(lanLimits, clock);
  const egress = new Egress(link, clock);
  let made = 0;
  egress.stream('feed', 'a', 'tickets', () => (made++ < 5 ? frame(50) : null));
  expect(made).toBe(1);
  egress.send('ledger', 'b', frame(9));
  clock.advance(10);
  expect(sent.map((s) => s.size)).toEqual([50, 9, 50, 50, 50, 50]);
});

test('refuses what exceeds its bound, and drops what is for a peer that went away', () => {
  const clock = new SimClock();
  const { link, sent, setOpen } = recorder(lanLimits, clock);
  const egress = new Egress(link, clock);
  setOpen(false);
  const taken = Array.from({ length: 1100 }, () => egress.send('bulk', 'a', frame(1)));
  expect(taken.filter(Boolean)).toHaveLength(1024);
  egress.forget('a');
  setOpen(true);
  clock.advance(100);
  expect(sent).toHaveLength(0);
});

test('what a payload does not hold goes in pieces, and counts as sent after the last', () => {
  const clock = new SimClock();
  const { link, sent } = recorder({ ...lanLimits, maxPayloadBytes: 100 }, clock);
  const egress = new Egress(link, clock);
  let told = 0;
  egress.send('bulk', 'a', frame(500), () => (told += 1));
  egress.send('ledger', 'b', frame(9));
  clock.advance(10);
  expect(Math.max(...sent.map((s) => s.size))).toBe(100);
  expect(sent.filter((s) => s.peer === 'a').length).toBe(7);
  expect(sent.findIndex((s) => s.size === 9)).toBeLessThan(6);
  expect(told).toBe(1);
});

test('says which frame is too large for any link, and goes on', () => {
  const clock = new SimClock();
  const { link, sent } = recorder({ ...lanLimits, maxPayloadBytes: 1000 }, clock);
  const dropped: DroppedFrame[] = [];
  const egress = new Egress(link, clock, (one) => dropped.push(one));
  egress.send('feed', 'a', frame(2_000_000));
  egress.send('feed', 'a', frame(10));
  expect(dropped).toEqual([{ peer: 'a', lane: 'feed', sizeBytes: 2_000_000, maxBytes: 1000 }]);
  expect(sent.map((s) => s.size)).toEqual([10]);
});
