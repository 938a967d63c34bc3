import { fitting, make, setText } from './dom.ts';

/** The head of a board: what it is, whose it is, and the time. */
export function heading() {
  const title = fitting('h1', 'head-title');
  const house = make('p', 'head-house');
  const clock = make('time', 'head-clock');
  const element = make('header', 'head', make('div', 'head-words', house, title), clock);
  return {
    element,
    update(titleText: string, houseText: string, clockText: string): void {
      setText(title, titleText);
      setText(house, houseText);
      setText(clock, clockText);
    },
  };
}
