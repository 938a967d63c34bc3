import {
  byId,
  button,
  el,
  field,
  localOf,
  options,
  say,
  timeWithSeconds,
  zoneName,
} from './dom.js';
import { get, imageUrl } from './api.js';

const windows = [
  [5, '5 minutes'],
  [15, '15 minutes'],
  [60, '1 hour'],
  [180, '3 hours'],
];

/** Any screen at any time of any day: its page, what follows, and why. */
export function previewView(context) {
  let screens = [];
  let ticket = 0;
  const select = el('select', { change: () => void ask() });
  const when = el('input', { type: 'datetime-local', step: 60, change: () => void ask() });
  const minutes = el('select', { change: () => void ask() }, ...options(windows, 15));
  const box = el('div', { class: 'frame-box' });
  const note = el('p', { class: 'soft', role: 'status' });
  const why = el('p', {});
  const slots = el('ol', { class: 'slots', tabindex: 0, 'aria-label': 'What follows' });
  const excluded = el('tbody', {});
  const now = button('Now', () => {
    when.value = '';
    void ask();
  });
  const later = (text, hours) =>
    button(text, () => {
      const from = when.value === '' ? context.nowMs() : Date.parse(`${when.value}Z`);
      const moved = from + hours * 3_600_000;
      when.value = when.value === '' ? localOf(moved) : new Date(moved).toISOString().slice(0, 16);
      void ask();
    });
  const section = el(
    'section',
    { class: 'two', 'aria-label': 'Preview' },
    el(
      'div',
      { class: 'panel' },
      el(
        'div',
        { class: 'bar' },
        field('Screen', select),
        field('At, on the clocks of the theatre', when, null),
        now,
        later('1 h later', 1),
        later('A day later', 24),
      ),
      box,
      note,
    ),
    el(
      'div',
      { class: 'panel' },
      el('div', { class: 'bar' }, el('h2', {}, 'What follows, and why'), field('For', minutes)),
      why,
      slots,
      el(
        'div',
        { class: 'scroll' },
        el(
          'table',
          {},
          el('caption', {}, 'Not on at that moment'),
          el(
            'thead',
            {},
            el(
              'tr',
              {},
              ...['Campaign', 'Because'].map((text) => el('th', { scope: 'col' }, text)),
            ),
          ),
          excluded,
        ),
      ),
    ),
  );

  async function ask() {
    if (select.value === '') return;
    ticket += 1;
    const mine = ticket;
    const query = { screenId: select.value, minutes: minutes.value };
    if (when.value !== '') query.at = when.value;
    try {
      const answer = await get('/v1/schedule', query);
      if (mine !== ticket) return;
      show(answer);
    } catch (error) {
      if (mine === ticket) context.fail(error);
    }
  }

  function show({ fromMs, slots: list, excluded: out }) {
    const screen = screens.find((one) => one.screenId === select.value);
    const [first] = list;
    say(why, first === undefined ? '' : `${titleOf(first)}: ${first.reason}`);
    slots.replaceChildren(
      ...list.map((slot, at) =>
        el(
          'li',
          { 'aria-current': at === 0 ? 'true' : null },
          el('time', {}, `${timeWithSeconds(slot.startMs)}–${timeWithSeconds(slot.endMs)}`),
          el('div', {}, el('b', {}, titleOf(slot)), el('p', { class: 'tiny' }, slot.reason)),
        ),
      ),
    );
    excluded.replaceChildren(
      ...out.map(({ campaignName, itemId, reason }) =>
        el(
          'tr',
          {},
          el('td', {}, itemId === null ? campaignName : `${campaignName}, ${itemId}`),
          el('td', {}, reason),
        ),
      ),
    );
    if (screen !== undefined) frame(screen, first, fromMs);
  }

  function frame(screen, slot, fromMs) {
    const ratio = screen.heightPx / screen.widthPx;
    // A portrait screen is shown as high as a landscape one is wide would be too high.
    const width = Math.min(1, 0.72 / ratio);
    box.style.setProperty('aspect-ratio', `${screen.widthPx / width} / ${screen.heightPx}`);
    if (screen.previewUrl === null) {
      say(note, 'No player is reached from here: the picture is of the item only.');
      box.replaceChildren();
      const sha256 = slot?.item?.content?.sha256;
      if (slot?.item?.content?.kind === 'media' && sha256 !== undefined) void picture(sha256);
      return;
    }
    const title = `${screen.name} at ${timeWithSeconds(fromMs)}`;
    say(
      note,
      `${title} (${zoneName()}), in the templates of its player; live numbers are today's.`,
    );
    const src = `${screen.previewUrl}?at=${Math.round(fromMs)}`;
    const old = box.querySelector('iframe');
    if (old !== null && old.src === src) return;
    const page = el('iframe', { src, title, sandbox: 'allow-scripts allow-same-origin' });
    page.style.setProperty('width', `${screen.widthPx}px`);
    page.style.setProperty('height', `${screen.heightPx}px`);
    box.replaceChildren(page);
    fit();
  }

  async function picture(sha256) {
    try {
      const image = el('img', { src: await imageUrl(sha256), alt: 'The item' });
      image.style.setProperty('width', '100%');
      box.replaceChildren(image);
    } catch {
      // A film has no picture here.
    }
  }

  function fit() {
    const page = box.querySelector('iframe');
    if (page === null || box.clientHeight === 0) return;
    const scale = box.clientHeight / page.offsetHeight;
    page.style.setProperty('transform', `scale(${scale})`);
    page.style.setProperty('margin-left', `${(-page.offsetWidth * scale) / 2}px`);
  }
  new ResizeObserver(fit).observe(box);

  return {
    section,
    focus(screenId) {
      if (screenId !== undefined) select.value = screenId;
      void ask();
    },
    update(overview) {
      const names = overview.screens.map(({ screenId, name }) => [screenId, name]);
      const had = screens.map(({ screenId, name }) => [screenId, name]);
      const unreached = screens.some((screen) => screen.previewUrl === null);
      screens = overview.screens;
      if (JSON.stringify(names) !== JSON.stringify(had)) {
        const chosen = select.value;
        select.replaceChildren(...options(names, chosen));
      } else if (!unreached || screens.some((screen) => screen.previewUrl === null)) return;
      if (byId('main').contains(section)) void ask();
    },
  };
}

const others = {
  emergency: 'An emergency',
  standby: 'Standby',
  fallback: 'The house’s own picture',
};

function titleOf({ kind, item, campaignName }) {
  if (kind !== 'item' || item === null) return others[kind] ?? kind;
  return campaignName === null ? item.name : `${item.name} (${campaignName})`;
}
