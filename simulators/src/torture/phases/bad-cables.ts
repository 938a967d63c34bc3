import type { LinkProxy } from '../../up/link-proxy.ts';
import { countdown, drawn, oneOf, wait } from '../stage.ts';
import type { Phase, Stage } from '../stage.ts';

const eachMs = 2_500;

/** What is done to a cable; each answers what mends it. */
const faults: Readonly<Record<string, (stage: Stage, cables: LinkProxy[]) => () => void>> = {
  delay(stage, cables) {
    const delayMs = drawn(stage, 20, 600);
    for (const cable of cables) cable.setManner({ delayMs });
    return () => {
      for (const cable of cables) cable.setManner(undefined);
    };
  },
  throttle(stage, cables) {
    const bytesPerS = drawn(stage, 1_500, 20_000);
    for (const cable of cables) cable.setManner({ bytesPerS });
    return () => {
      for (const cable of cables) cable.setManner(undefined);
    };
  },
  cut(_stage, cables) {
    for (const cable of cables) cable.cut();
    return () => {
      for (const cable of cables) cable.mend();
    };
  },
  halfClose(_stage, cables) {
    for (const cable of cables) cable.halfClose();
    return () => undefined;
  },
  reset(_stage, cables) {
    for (const cable of cables) cable.breakAll();
    return () => undefined;
  },
};

/** Cables that delay, throttle, cut, half-close and reset what they carry. */
export const badCables: Phase = {
  name: 'cables',
  what: 'TCP connections are delayed, throttled, cut, half-closed and reset, on LAN and WAN',
  share: 16,
  whyNot: () => null,
  async play(stage) {
    const { house, watch } = stage;
    const links = ['wan', 'cloud', ...house.nodes.map((node) => `lan:${node}`)];
    const counts = new Map(Object.keys(faults).map((kind) => [kind, 0]));
    const leftMs = countdown(stage);
    for (let n = 0; leftMs() > 0; n += 1) {
      const kind = Object.keys(faults)[n % counts.size] ?? '';
      const hit = [...new Set([oneOf(stage, links), oneOf(stage, links)])];
      const end = watch.log.begin(`${kind} ${hit.join(' ')}`);
      const cables = [...new Set(hit.flatMap((link) => house.cabling.proxies(link)))];
      const mend = faults[kind]?.(stage, cables);
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      await wait(stage, Math.min(leftMs(), drawn(stage, 0.4 * eachMs, 1.6 * eachMs))).finally(mend);
      end();
    }
    return Object.fromEntries(counts);
  },
};
