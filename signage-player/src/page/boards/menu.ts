import type { BoardData } from '@foyer/contracts';
import { Rows, fitting, make, setText, show, type BoardView } from './dom.ts';
import { heading } from './heading.ts';
import { recordsOf, textOf } from './text.ts';

type Model = BoardData & { board: 'menu' };
type Section = Model['data'];

const mostSections = 4;
const mostLines = 8;

function lineRow() {
  const name = fitting('h3', 'dish-name');
  const note = make('p', 'dish-note');
  const price = make('p', 'dish-price');
  const element = make('li', 'dish', make('div', 'dish-words', name, note), price);
  return { element, name, note, price };
}

function sectionRow() {
  const title = make('h2', 'menu-title');
  const list = make('ul', 'dishes');
  const element = make('li', 'menu-section', title, list);
  const rows = new Rows(list, lineRow);
  return {
    element,
    update(section: Section): void {
      setText(title, textOf(section, 'title'));
      rows.update(recordsOf(section, 'lines').slice(0, mostLines), (parts, line) => {
        setText(parts.name, textOf(line, 'name'));
        setText(parts.note, textOf(line, 'note'));
        show(parts.note, textOf(line, 'note') !== '');
        setText(parts.price, textOf(line, 'price'));
      });
    },
  };
}

/** What there is to eat and drink. */
export function menuBoard(): BoardView<Model> {
  const head = heading();
  const list = make('ul', 'sections');
  const footer = make('p', 'menu-footer');
  const element = make('section', 'board menu', head.element, list, footer);
  const rows = new Rows(list, sectionRow);
  return {
    element,
    update(model) {
      head.update(textOf(model.data, 'headline') || 'Menu', model.theatre, model.clock);
      const sections = recordsOf(model.data, 'sections').slice(0, mostSections);
      rows.update(sections, (row, section) => row.update(section));
      setText(footer, textOf(model.data, 'footer'));
      show(footer, textOf(model.data, 'footer') !== '');
    },
  };
}
