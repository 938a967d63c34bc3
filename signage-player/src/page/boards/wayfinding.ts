import type { BoardData, ShowtimesLine } from '@foyer/contracts';
import { Rows, fitting, icon, make, setText, show, type BoardView } from './dom.ts';
import { heading } from './heading.ts';
import { shapes } from './shapes.ts';
import { recordOf, textOf } from './text.ts';

type Model = BoardData & { board: 'wayfinding' };

/** Degrees that an arrow which points ahead is turned by, clockwise. */
const degreesOf: Record<string, number> = {
  ahead: 0,
  'ahead-right': 45,
  right: 90,
  back: 180,
  left: 270,
  'ahead-left': 315,
};

const mostHalls = 8;

/** Where the words of a hall's directions point: "upstairs, on your left" is ahead and left. */
export function arrowOf(directions: string): number {
  const words = directions.toLowerCase();
  const ahead = /ahead|up|straight|first floor/.test(words);
  if (words.includes('left')) return ahead ? 315 : 270;
  if (words.includes('right')) return ahead ? 45 : 90;
  return /back|down|behind/.test(words) ? 180 : 0;
}

function degrees(line: ShowtimesLine, arrows: Record<string, unknown>): number {
  const told = arrows[line.auditorium];
  const own = typeof told === 'string' ? degreesOf[told] : undefined;
  return own ?? arrowOf(line.directions);
}

function row() {
  const arrow = icon(shapes.arrow, 'icon way-arrow');
  const hall = fitting('h2', 'way-hall');
  const directions = fitting('p', 'way-directions');
  const time = make('time', 'way-time');
  const film = fitting('p', 'way-film');
  const element = make(
    'li',
    'way',
    make('span', 'way-sign', arrow),
    make('div', 'way-words', hall, directions),
    make('div', 'way-show', time, film),
  );
  return { element, arrow, hall, directions, time, film };
}

/** Which way to which hall, and what begins there next. */
export function wayfindingBoard(): BoardView<Model> {
  const head = heading();
  const list = make('ul', 'ways');
  const empty = make('p', 'empty', 'All halls are closed');
  const element = make('section', 'board wayfinding', head.element, list, empty);
  const rows = new Rows(list, row);
  return {
    element,
    update(model) {
      head.update(textOf(model.data, 'headline') || 'This way', model.theatre, model.clock);
      const arrows = recordOf(model.data, 'arrows');
      const halls = model.halls.slice(0, mostHalls);
      show(empty, halls.length === 0);
      rows.update(halls, (parts, line) => {
        setText(parts.hall, line.auditoriumName);
        setText(parts.directions, line.directions);
        setText(parts.time, line.startsAt);
        setText(parts.film, line.film);
        parts.arrow.style.transform = `rotate(${degrees(line, arrows)}deg)`;
      });
    },
  };
}
