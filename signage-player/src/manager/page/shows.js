import { announce, button, dayAndTime, el, say, scroller } from './dom.js';
import { change } from './api.js';

/** The shows of the next hours; a delay moves signs, promotions and windows together. */
export function showsView(context) {
  const body = el('tbody', {});
  const empty = el('p', { class: 'soft' }, 'There are no shows in the next hours.');
  const heads = ['Starts', 'Film', 'Auditorium', 'Delay', ''];
  const table = el(
    'table',
    {},
    el('thead', {}, el('tr', {}, ...heads.map((text) => el('th', { scope: 'col' }, text)))),
    body,
  );
  const section = el(
    'section',
    { class: 'panel', 'aria-label': 'Shows' },
    el('h2', {}, 'Shows'),
    scroller('Shows', table),
    empty,
  );
  let before = '';

  function row(show, told) {
    const delayMin = told ?? show.delayMin;
    const input = el('input', {
      type: 'number',
      min: 0,
      max: 240,
      step: 1,
      value: delayMin,
      class: 'narrow',
      'aria-label': `Minutes that ${show.film} at ${dayAndTime(show.startsAtMs)} starts late`,
    });
    const set = button('Tell the house', () => {
      const body = { showNo: show.showNo, delayMin: Number(input.value) };
      change('POST', '/v1/delays', body).then(() => {
        announce(`${show.film} starts ${input.value} minutes late.`);
        context.refresh();
      }, context.fail);
    });
    const where = told === undefined ? '' : ' told in the house';
    return el(
      'tr',
      {},
      el('td', {}, el('time', {}, dayAndTime(show.startsAtMs))),
      el('td', {}, show.film),
      el('td', {}, show.auditorium),
      el(
        'td',
        {},
        context.may('operator') ? input : `${delayMin} min`,
        el('span', { class: 'tiny' }, context.may('operator') ? ` min${where}` : where),
      ),
      el('td', { class: 'end' }, context.may('operator') ? set : null),
    );
  }

  return {
    section,
    update({ shows, delays }) {
      const told = new Map(delays.map(({ showNo, delayMin }) => [showNo, delayMin]));
      const text = JSON.stringify([shows, [...told]]);
      // Who types a number keeps it, whatever happens meanwhile.
      if (text === before || body.contains(document.activeElement)) return;
      before = text;
      empty.hidden = shows.length > 0;
      table.hidden = shows.length === 0;
      body.replaceChildren(...shows.map((show) => row(show, told.get(show.showNo))));
      say(empty, 'There are no shows in the next hours.');
    },
  };
}
