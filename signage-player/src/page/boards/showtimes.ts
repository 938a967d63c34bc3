import type { BoardData, ShowtimesLine } from '@foyer/contracts';
import { Rows, fitting, icon, make, setIcon, setText, show, type BoardView } from './dom.ts';
import { heading } from './heading.ts';
import { shapes } from './shapes.ts';
import { counted, textOf } from './text.ts';

type Model = BoardData & { board: 'showtimes' };

/** Lines that stay readable across a lobby; a tall screen has room for more. */
const mostLines = 7;
const mostLinesTall = 10;

interface SeatsNote {
  readonly tone: 'plain' | 'few' | 'none' | 'good';
  readonly text: string;
  readonly shape: string;
}

function seatsNote(line: ShowtimesLine): SeatsNote {
  if (line.availability === 'sold-out')
    return { tone: 'none', text: 'Sold out', shape: shapes.stop };
  if (line.availability === 'few') {
    const left = line.seatsLeft ?? 0;
    const text = left <= 20 ? `Last ${counted(left, 'seat', 'seats')}` : 'Few seats left';
    return { tone: 'few', text, shape: shapes.seat };
  }
  if (line.availability === 'many')
    return { tone: 'good', text: 'Seats available', shape: shapes.check };
  return { tone: 'plain', text: 'Ask at the box office', shape: shapes.speak };
}

function row() {
  const element = make('li', 'line');
  const time = make('time', 'line-time');
  const title = fitting('h2', 'line-title');
  const meta = make('p', 'line-meta');
  const state = make('p', 'line-state');
  const note = make('span', 'note-text');
  const sign = icon(shapes.check);
  const seats = make('p', 'note', sign, note);
  element.append(
    time,
    make('div', 'line-film', title, meta),
    make('div', 'line-side', state, seats),
  );
  return { element, time, title, meta, state, seats, sign, note };
}

/** What is on, when, where, and whether there are seats. */
export function showtimesBoard(): BoardView<Model> {
  const head = heading();
  const list = make('ol', 'lines');
  const empty = make('p', 'empty', 'No more shows today');
  const element = make('section', 'board showtimes', head.element, list, empty);
  const rows = new Rows(list, row);
  return {
    element,
    update(model) {
      head.update(textOf(model.data, 'headline') || 'On today', model.theatre, model.clock);
      const tall = element.clientHeight > element.clientWidth;
      const lines = model.shows.slice(0, tall ? mostLinesTall : mostLines);
      show(empty, lines.length === 0);
      rows.update(lines, (parts, line) => {
        setText(parts.time, line.startsAt);
        setText(parts.title, line.film);
        setText(parts.meta, `${line.rating} · ${line.auditoriumName}`);
        setText(parts.state, line.text);
        show(parts.state, line.text !== '');
        parts.state.dataset.late = String(line.delayMin > 0);
        const note = seatsNote(line);
        setText(parts.note, note.text);
        setIcon(parts.sign, note.shape);
        parts.seats.dataset.tone = note.tone;
      });
    },
  };
}
