import type { Emergency } from '@foyer/contracts';

import { fitting, icon, make, setIcon, setText, show, type BoardView } from './dom.ts';
import { shapes } from './shapes.ts';

interface Words {
  readonly over: string;
  readonly headline: string;
  readonly text: string;
  readonly shape: string;
}

const wordsOf: Record<Emergency['kind'], Words> = {
  evacuate: {
    over: 'Emergency',
    headline: 'Leave the building now',
    text: 'Use the nearest exit. Do not use the lifts. Follow the staff.',
    shape: shapes.leave,
  },
  shelter: {
    over: 'Emergency',
    headline: 'Stay inside',
    text: 'Keep away from doors and windows. Wait for the staff.',
    shape: shapes.shelter,
  },
  message: { over: 'Attention please', headline: '', text: '', shape: shapes.warning },
};

/**
 * Takes the whole screen. The kinds differ in words, in drawing, in pattern and in colour: whoever
 * cannot tell one of them can tell another.
 */
export function emergencyBoard(): BoardView<Emergency> {
  const sign = icon(shapes.warning, 'icon alarm-icon');
  const over = make('p', 'alarm-over');
  const headline = fitting('h1', 'alarm-headline');
  const text = fitting('p', 'alarm-text');
  const inner = make('div', 'alarm-inner', sign, make('div', 'alarm-words', over, headline, text));
  const element = make('section', 'alarm', inner);
  element.setAttribute('role', 'alert');
  return {
    element,
    update(emergency) {
      const words = wordsOf[emergency.kind];
      element.dataset.kind = emergency.kind;
      setIcon(sign, words.shape);
      setText(over, words.over);
      setText(headline, words.headline || emergency.text || words.over);
      const own = words.headline === '' ? '' : emergency.text;
      setText(text, own || words.text);
      show(text, (own || words.text) !== '');
    },
  };
}
