import type { Boot } from '../wire.ts';
import { ScreenPage } from './screen-page.ts';

const text = document.querySelector('#boot')?.textContent ?? '';
const boot = JSON.parse(text) as Boot;
/** A month passes in half a minute. */
const fastest = 86_400;
const asked = Number(new URLSearchParams(location.search).get('speed') ?? '1');
// A screen's plays are a record of what was on: its time is nobody's to choose.
const isFree = boot.mode === 'preview' && asked >= 1 && asked <= fastest;
const page = new ScreenPage(boot, { speed: isFree ? asked : 1 });
page.start();
Object.assign(globalThis, {
  foyer: { stats: () => page.stats(), stop: () => page.stop(), probe: page.probe },
});
