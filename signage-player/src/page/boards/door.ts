import type { BoardData, DoorPhase } from '@foyer/contracts';
import { fitting, icon, make, setIcon, setText, show, type BoardView } from './dom.ts';
import { shapes } from './shapes.ts';

type Model = BoardData & { board: 'door' };

const shapeOf: Record<DoorPhase, string> = {
  next: shapes.clock,
  'doors-open': shapes.door,
  'now-seating': shapes.seat,
  'last-call': shapes.bell,
  running: shapes.film,
  cleaning: shapes.broom,
  closed: shapes.stop,
};

/** The sign beside an auditorium's door. */
export function doorBoard(): BoardView<Model> {
  const hall = fitting('h2', 'door-hall');
  const clock = make('time', 'head-clock');
  const over = make('p', 'door-over', 'Now and next');
  const title = fitting('h1', 'door-title', 0.5);
  const time = make('time', 'door-time');
  const rating = make('span', 'door-rating');
  const facts = make('p', 'door-facts', time, rating);
  const sign = icon(shapes.clock, 'icon door-icon');
  const text = fitting('p', 'door-text');
  const state = make('div', 'door-state', sign, text);
  const element = make(
    'section',
    'board door',
    make('header', 'door-head', hall, clock),
    make('div', 'door-film', over, title, facts),
    state,
  );
  return {
    element,
    update(model) {
      const { door } = model;
      setText(hall, hallName(model));
      setText(clock, model.clock);
      setText(over, overText(door.state));
      setText(title, door.film ?? model.theatre);
      setText(time, door.startsAt ?? '');
      setText(rating, door.rating ?? '');
      show(rating, (door.rating ?? '') !== '');
      show(facts, door.startsAt !== null);
      setText(text, door.text);
      setIcon(sign, shapeOf[door.state]);
      state.dataset.state = door.delayMin > 0 && door.state === 'next' ? 'late' : door.state;
    },
  };
}

function hallName(model: Model): string {
  if (model.auditorium === '') return model.screen.name;
  return /^\d+$/.test(model.auditorium) ? `Hall ${model.auditorium}` : model.auditorium;
}

function overText(state: DoorPhase): string {
  if (state === 'next') return 'Next';
  if (state === 'running') return 'Now showing';
  if (state === 'cleaning') return 'Just ended';
  return state === 'closed' ? 'Welcome to' : 'This show';
}
