import { fitting, make, setText, type BoardView } from './dom.ts';

/** What the fallback knows of the house. */
export interface GroundModel {
  readonly name: string;
  readonly clock: string;
}

/** The branded fallback: it needs no file, no network and no programme. */
export function groundBoard(): BoardView<GroundModel> {
  const name = fitting('p', 'ground-name');
  const clock = make('p', 'ground-clock');
  const rule = make('span', 'ground-rule');
  const element = make('section', 'ground', make('div', 'ground-words', name, rule, clock));
  setText(name, 'Welcome');
  return {
    element,
    update(model) {
      setText(name, model.name);
      setText(clock, model.clock);
    },
  };
}
