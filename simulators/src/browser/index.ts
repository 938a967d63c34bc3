export { findChromium, launchChromium } from './chromium.ts';
export type { Chromium } from './chromium.ts';
export { openScreens } from './screens.ts';
export type { OpenScreens, ScreenStats } from './screens.ts';
