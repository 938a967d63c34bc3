import type { Boot } from '../wire.ts';
import { ScreenPage } from './screen-page.ts';

const text = document.querySelector('#boot')?.textContent ?? '';
const speed = Number(new URLSearchParams(location.search).get('speed') ?? '1');
const page = new ScreenPage(JSON.parse(text) as Boot, {
  speed: speed >= 1 && speed <= 100 ? speed : 1,
});
page.start();
Object.assign(globalThis, {
  foyer: { stats: () => page.stats(), stop: () => page.stop(), probe: page.probe },
});
