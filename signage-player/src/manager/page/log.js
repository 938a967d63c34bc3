import { button, byId, dayAndTime, el, say, scroller } from './dom.js';
import { get } from './api.js';

const mostRows = 100;

const sentences = {
  emergency: (one) => `${one.by} ${one.active ? 'raised' : 'ended'} “${one.emergency}”`,
  'emergency-shown': (one) =>
    `${one.screenId} ${one.shown ? 'shows the emergency' : 'shows it no more'}`,
  'screen-fault': (one) =>
    `${one.screenId}: ${one.code.replaceAll('-', ' ')}${
      one.object === '' ? '' : ` (${one.object.slice(0, 24)})`
    }, ${one.rung === 'none' ? 'nothing done' : one.rung.replaceAll('-', ' ')}`,
};

/** What the cloud has of faults and emergencies, the newest first. */
export function logView(context) {
  const body = el('tbody', {});
  const note = el('p', { class: 'soft', role: 'status' });
  const heads = ['When', 'What', 'Box'];
  const section = el(
    'section',
    { class: 'panel', 'aria-label': 'Log' },
    el(
      'div',
      { class: 'bar' },
      el('h2', {}, 'Faults and emergencies, as the cloud has them'),
      button('Read again', () => void read()),
    ),
    note,
    scroller(
      'Faults and emergencies',
      el(
        'table',
        {},
        el('thead', {}, el('tr', {}, ...heads.map((text) => el('th', { scope: 'col' }, text)))),
        body,
      ),
    ),
  );

  async function read() {
    const theatreNo = context.theatreNo();
    if (theatreNo === null) return;
    try {
      const { faults, emergencies } = await get(`/v1/theatres/${theatreNo}/screen-log`);
      const all = [...faults, ...emergencies].sort((a, b) => b.atMs - a.atMs);
      say(note, all.length === 0 ? 'Nothing has happened.' : '');
      body.replaceChildren(
        ...all
          .slice(0, mostRows)
          .map((one) =>
            el(
              'tr',
              {},
              el('td', {}, el('time', {}, dayAndTime(one.atMs))),
              el('td', {}, sentences[one.kind]?.(one) ?? one.kind),
              el('td', {}, one.gate),
            ),
          ),
      );
    } catch (error) {
      context.fail(error);
    }
  }

  return {
    section,
    focus: () => void read(),
    update: () => {
      if (
        byId('main').contains(section) &&
        body.childElementCount === 0 &&
        note.textContent === ''
      ) {
        void read();
      }
    },
  };
}
