import {
  button,
  byId,
  el,
  field,
  localOf,
  options,
  say,
  scroller,
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

const others = {
  emergency: 'An emergency',
  standby: 'Standby',
  fallback: 'The house’s own picture',
};

function titleOf({ kind, item, campaignName }) {
  if (kind !== 'item' || item === null) return others[kind] ?? kind;
  return campaignName === null ? item.name : `${item.name} (${campaignName})`;
}

function slotRow(slot, isFirst) {
  return el(
    'li',
    { 'aria-current': isFirst ? 'true' : null },
    el('time', {}, `${timeWithSeconds(slot.startMs)}–${timeWithSeconds(slot.endMs)}`),
    el('div', {}, el('b', {}, titleOf(slot)), el('p', { class: 'tiny' }, slot.reason)),
  );
}

/** Why each campaign is not on; those for other screens share the last row. */
function exclusionRows(excluded) {
  const elsewhere = excluded.filter((one) => one.code === 'not-targeted');
  const names = elsewhere.map((one) => one.campaignName).join(', ');
  const here = excluded.filter((one) => one.code !== 'not-targeted');
  const row = (name, reason) => el('tr', {}, el('td', {}, name), el('td', {}, reason));
  return [
    ...here.map(({ campaignName, itemId, reason }) =>
      row(itemId === null ? campaignName : `${campaignName}, ${itemId}`, reason),
    ),
    ...(names === '' ? [] : [row(names, 'For other screens.')]),
  ];
}

/** Any screen at any time of any day: its page, what follows, and why. */
class Preview {
  #context;
  #screens = [];
  #asked = 0;
  #slotEndsMs = 0;
  #select;
  #when;
  #minutes;
  #box = el('div', { class: 'frame-box' });
  #note = el('p', { class: 'soft', role: 'status' });
  #why = el('p', {});
  #slots = el('ol', { class: 'slots', tabindex: 0, 'aria-label': 'What follows' });
  #excluded = el('tbody', {});
  section;

  constructor(context) {
    const ask = () => void this.#ask();
    this.#context = context;
    this.#select = el('select', { change: ask });
    this.#when = el('input', { type: 'datetime-local', step: 60, change: ask });
    this.#minutes = el('select', { change: ask }, ...options(windows, 15));
    this.section = el(
      'section',
      { class: 'two', 'aria-label': 'Preview' },
      this.#left(),
      this.#right(),
    );
    new ResizeObserver(() => this.#fit()).observe(this.#box);
  }

  focus(screenId) {
    if (screenId !== undefined) this.#select.value = screenId;
    void this.#ask();
  }

  update(overview) {
    const namesOf = (screens) => screens.map(({ screenId, name }) => [screenId, name]);
    const unreached = (screens) => screens.some((screen) => screen.previewUrl === null);
    const before = this.#screens;
    this.#screens = overview.screens;
    if (JSON.stringify(namesOf(before)) !== JSON.stringify(namesOf(this.#screens))) {
      this.#select.replaceChildren(...options(namesOf(this.#screens), this.#select.value));
    } else {
      const over = this.#when.value === '' && this.#context.nowMs() >= this.#slotEndsMs;
      const reached = unreached(before) && !unreached(this.#screens);
      if (!over && !reached) return;
    }
    if (byId('main').contains(this.section)) void this.#ask();
  }

  #left() {
    const now = button('Now', () => {
      this.#when.value = '';
      this.#box.replaceChildren();
      void this.#ask();
    });
    const later = (text, hours) => button(text, () => this.#move(hours));
    return el(
      'div',
      { class: 'panel' },
      el(
        'div',
        { class: 'bar' },
        field('Screen', this.#select),
        field('At, on the clocks of the theatre', this.#when),
        now,
        later('1 h later', 1),
        later('A day later', 24),
      ),
      this.#box,
      this.#note,
    );
  }

  #right() {
    const heads = ['Campaign', 'Because'].map((text) => el('th', { scope: 'col' }, text));
    return el(
      'div',
      { class: 'panel' },
      el(
        'div',
        { class: 'bar' },
        el('h2', {}, 'What follows, and why'),
        field('For', this.#minutes),
      ),
      this.#why,
      this.#slots,
      scroller(
        'Not on at that moment',
        el(
          'table',
          {},
          el('caption', {}, 'Not on at that moment'),
          el('thead', {}, el('tr', {}, ...heads)),
          this.#excluded,
        ),
      ),
    );
  }

  #move(hours) {
    const { value } = this.#when;
    const from = value === '' ? localOf(this.#context.nowMs()) : value;
    // Clock time is moved, not time: a day later is the same hour also when the clocks change.
    const moved = Date.parse(`${from}Z`) + hours * 3_600_000;
    this.#when.value = new Date(moved).toISOString().slice(0, 16);
    void this.#ask();
  }

  async #ask() {
    if (this.#select.value === '') return;
    this.#asked += 1;
    const mine = this.#asked;
    const query = { screenId: this.#select.value, minutes: this.#minutes.value };
    if (this.#when.value !== '') query.at = this.#when.value;
    try {
      const answer = await get('/v1/schedule', query);
      if (mine === this.#asked) this.#show(answer);
    } catch (error) {
      if (mine === this.#asked) this.#context.fail(error);
    }
  }

  #show({ fromMs, slots, excluded }) {
    const [first] = slots;
    this.#slotEndsMs = first?.endMs ?? 0;
    say(this.#why, first === undefined ? '' : `${titleOf(first)}: ${first.reason}`);
    this.#slots.replaceChildren(...slots.map((slot, at) => slotRow(slot, at === 0)));
    this.#excluded.replaceChildren(...exclusionRows(excluded));
    const screen = this.#screens.find((one) => one.screenId === this.#select.value);
    if (screen !== undefined) this.#frame(screen, first, fromMs);
  }

  #frame(screen, slot, fromMs) {
    const ratio = screen.heightPx / screen.widthPx;
    // A portrait screen as wide as a landscape one would be too high: it stands in a wider box.
    const width = Math.min(1, 0.72 / ratio);
    this.#box.style.setProperty('aspect-ratio', `${screen.widthPx / width} / ${screen.heightPx}`);
    if (screen.previewUrl === null) {
      say(this.#note, 'No player is reached from here: the picture is of the item only.');
      this.#box.replaceChildren();
      const content = slot?.item?.content;
      if (content?.kind === 'media') void this.#picture(content.sha256);
      return;
    }
    const isNow = this.#when.value === '';
    const title = `${screen.name} ${isNow ? 'now' : `at ${timeWithSeconds(fromMs)}`}`;
    const live = isNow ? '' : '; live numbers are of this moment';
    say(this.#note, `${title} (${zoneName()}), in the templates of its player${live}.`);
    const src = isNow ? screen.previewUrl : `${screen.previewUrl}?at=${Math.round(fromMs)}`;
    if (this.#box.querySelector('iframe')?.src === src) return;
    const page = el('iframe', { src, title, sandbox: 'allow-scripts allow-same-origin' });
    page.style.setProperty('width', `${screen.widthPx}px`);
    page.style.setProperty('height', `${screen.heightPx}px`);
    this.#box.replaceChildren(page);
    this.#fit();
  }

  async #picture(sha256) {
    try {
      const image = el('img', { src: await imageUrl(sha256), alt: 'The item' });
      image.style.setProperty('width', '100%');
      this.#box.replaceChildren(image);
    } catch {
      // A film has no picture here.
    }
  }

  #fit() {
    const page = this.#box.querySelector('iframe');
    if (page === null || this.#box.clientHeight === 0) return;
    const scale = this.#box.clientHeight / page.offsetHeight;
    page.style.setProperty('transform', `scale(${scale})`);
    page.style.setProperty('margin-left', `${(-page.offsetWidth * scale) / 2}px`);
  }
}

export const previewView = (context) => new Preview(context);
