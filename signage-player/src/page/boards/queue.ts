import type { BoardData, QueueLine } from '@foyer/contracts';
import { Rows, fitting, icon, make, setIcon, setText, show, type BoardView } from './dom.ts';
import { heading } from './heading.ts';
import { shapes } from './shapes.ts';
import { gateName, textOf } from './text.ts';

type Model = BoardData & { board: 'queue' };

const mostGates = 8;
const mostHalls = 4;
/** A queue of this length fills its bar. */
const fullQueue = 30;

function gateRow() {
  const sign = icon(shapes.people);
  const name = fitting('h2', 'gate-name');
  const count = make('p', 'gate-count');
  const bar = make('span', 'bar-fill');
  const badge = make('p', 'gate-badge', 'Shortest queue');
  const element = make(
    'li',
    'gate',
    sign,
    make('div', 'gate-words', name, badge),
    count,
    make('span', 'bar', bar),
  );
  return { element, sign, name, count, bar, badge };
}

function countText(gate: QueueLine): string {
  if (!gate.open) return 'Closed';
  if (gate.waiting === null) return 'Open';
  return gate.waiting === 0 ? 'No queue' : `${gate.waiting} waiting`;
}

function hallRow() {
  const name = fitting('h2', 'hall-name');
  const film = fitting('p', 'hall-film');
  const count = make('p', 'hall-count');
  const bar = make('span', 'bar-fill');
  const element = make('li', 'hall', make('div', 'hall-words', name, film), count);
  element.append(make('span', 'bar', bar));
  return { element, name, film, count, bar };
}

/** Where to queue, and how full the halls are that let in now. */
export function queueBoard(): BoardView<Model> {
  const head = heading();
  const gates = make('ul', 'gates');
  const halls = make('ul', 'halls');
  const empty = make('p', 'empty', 'Please ask a member of staff');
  const element = make('section', 'board queue', head.element, gates, halls, empty);
  const gateRows = new Rows(gates, gateRow);
  const hallRows = new Rows(halls, hallRow);
  return {
    element,
    update(model) {
      head.update(textOf(model.data, 'headline') || 'Please come in', model.theatre, model.clock);
      show(empty, model.gates.length === 0);
      show(gates, model.gates.length > 0);
      gateRows.update(model.gates.slice(0, mostGates), (parts, gate) => {
        setText(parts.name, gateName(gate.gate));
        setText(parts.count, countText(gate));
        setIcon(parts.sign, gate.open ? shapes.people : shapes.stop);
        const share = gate.open ? Math.min(1, (gate.waiting ?? 0) / fullQueue) : 0;
        parts.bar.style.width = `${Math.round(share * 100)}%`;
        show(parts.badge, gate.gate === model.shortest && model.gates.length > 1);
        parts.element.dataset.open = String(gate.open);
      });
      const filling = 'halls' in model ? (model.halls as readonly HallLine[]) : [];
      show(halls, filling.length > 0);
      hallRows.update(filling.slice(0, mostHalls), (parts, hall) => {
        setText(parts.name, hall.auditoriumName);
        setText(parts.film, hall.film);
        const inside = hall.admitted ?? 0;
        const of = Math.max(hall.sold ?? hall.capacity, inside, 1);
        setText(parts.count, `${inside} of ${of} inside`);
        parts.bar.style.width = `${Math.round((inside / of) * 100)}%`;
      });
    },
  };
}

interface HallLine {
  readonly auditoriumName: string;
  readonly film: string;
  readonly admitted: number | null;
  readonly sold: number | null;
  readonly capacity: number;
}
