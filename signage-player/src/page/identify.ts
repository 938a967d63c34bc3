import { make } from './boards/dom.ts';
import type { House } from './house.ts';

const shownMs = 10_000;

/** Shows the screen's name over whatever is on, so that whoever stands before it knows which. */
export function identify(stage: HTMLElement, screenId: string, house: House): void {
  stage.querySelector('.identity')?.remove();
  const { screen } = house;
  const size = screen === null ? '' : `${screen.widthPx} × ${screen.heightPx}`;
  const element = make(
    'aside',
    'identity',
    make('p', 'identity-id', screenId),
    make('p', 'identity-name', [screen?.name ?? '', size].filter(Boolean).join(' · ')),
  );
  stage.append(element);
  setTimeout(() => element.remove(), shownMs);
}
