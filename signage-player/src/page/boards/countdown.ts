import type { BoardData } from '@foyer/contracts';
import { fitting, make, setText, show, type BoardView } from './dom.ts';
import { textOf } from './text.ts';

type Model = BoardData & { board: 'countdown' };

/** "4:05", "1:20:00"; never negative. */
export function leftText(remainingMs: number): string {
  const seconds = Math.max(0, Math.ceil(remainingMs / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const tail = two(seconds % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${tail}` : `${minutes}:${tail}`;
}

/** How long it is until a show begins. */
export function countdownBoard(): BoardView<Model> {
  const over = make('p', 'count-over');
  const digits = make('p', 'count-digits');
  const title = fitting('h1', 'count-title');
  const facts = make('p', 'count-facts');
  const element = make('section', 'board countdown', over, digits, title, facts);
  return {
    element,
    update(model) {
      const { show: next, remainingMs } = model;
      const begun = remainingMs === null || remainingMs <= 0;
      const headline = textOf(model.data, 'headline') || 'Starts in';
      setText(over, next === null ? model.theatre : begun ? 'It begins now' : headline);
      setText(digits, next === null || begun ? model.clock : leftText(remainingMs));
      setText(title, next?.film ?? 'See you soon');
      setText(
        facts,
        next === null ? '' : `${next.startsAt} · ${next.auditoriumName} · ${next.rating}`,
      );
      show(facts, next !== null);
    },
  };
}
