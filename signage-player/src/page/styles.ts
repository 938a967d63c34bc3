import boards from './css/boards.css';
import more from './css/more-boards.css';
import stage from './css/stage.css';

/** All style sheets of a page, as text: samples of boards carry them along. */
export const css = [stage, boards, more].join('\n');

/** Puts them to use. */
export function installStyles(): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [sheet];
}
