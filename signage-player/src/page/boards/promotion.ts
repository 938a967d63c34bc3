import type { BoardData } from '@foyer/contracts';
import { fitting, make, setText, show, type BoardView } from './dom.ts';
import { textOf } from './text.ts';

type Model = BoardData & { board: 'promotion' };

/** One offer, large. */
export function promotionBoard(): BoardView<Model> {
  const over = make('p', 'offer-over');
  const headline = fitting('h1', 'offer-headline');
  const text = fitting('p', 'offer-text');
  const price = make('p', 'offer-price');
  const small = make('p', 'offer-small');
  const element = make(
    'section',
    'board promotion',
    make('div', 'offer-words', over, headline, text),
    make('div', 'offer-deal', price, small),
  );
  return {
    element,
    update(model) {
      const parts = { over, text, price, small };
      for (const [key, part] of Object.entries(parts)) {
        setText(part, textOf(model.data, key));
        show(part, textOf(model.data, key) !== '');
      }
      if (over.hidden) {
        setText(over, model.theatre);
        show(over, true);
      }
      setText(headline, textOf(model.data, 'headline') || model.theatre);
      element.dataset.price = String(!price.hidden);
    },
  };
}
