export { Glass, isBlankFrame } from './glass.ts';
export { findChromium, launchChromium } from './chromium.ts';
export type { Chromium } from './chromium.ts';
export { openScreens } from './screens.ts';
export type { OpenScreens, ScreenStats } from './screens.ts';
export { untilTrue } from './wait.ts';
export { makePicture, makeTestFilm, mediaRow, thumbprintOf } from './testing/media.ts';
export { makeProgramme } from './testing/programme.ts';
export type { HouseParts } from './testing/programme.ts';
