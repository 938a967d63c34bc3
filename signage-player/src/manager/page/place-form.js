import { announce, el, field, options, say } from './dom.js';
import { change, putFile } from './api.js';

const boards = [
  ['showtimes', 'Showtimes'],
  ['door', 'Door sign'],
  ['wayfinding', 'Wayfinding'],
  ['queue', 'Queue and halls'],
  ['menu', 'Menu'],
  ['promotion', 'Promotion'],
  ['countdown', 'Countdown'],
];

const at = (of, offsetMin = 0) => ({ of, offsetMin });

/** Windows around shows that a house asks for; finer ones go through the content API. */
const windows = {
  '': ['Whatever is on', null],
  before: ['20 to 5 minutes before a show', [at('start', -20), at('start', -5)]],
  doors: ['While doors are open', [at('doors-open'), at('doors-close')]],
  trailers: ['From doors open to the feature', [at('doors-open'), at('feature')]],
  after: ['As a show ends, for 15 minutes', [at('end'), at('end', 15)]],
};

function windowOf(name) {
  const [, moments] = windows[name];
  if (moments === null) return null;
  const [from, to] = moments;
  return { from, to, auditoriums: [], films: [] };
}

const kinds = ['lobby', 'box-office', 'menu', 'door', 'poster', 'corridor'];
/** Hashing needs a file whole in the browser's memory. */
const mostBytes = 500_000_000;

const slug = (name) =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 36) || 'item';

async function sha256Of(file) {
  const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

const number = (value, min, max) => el('input', { type: 'number', value, min, max, step: 1 });

function inputs() {
  return {
    name: el('input', { required: true, maxlength: 80 }),
    what: el('select', {}),
    file: el('input', {
      type: 'file',
      accept: 'image/png,image/jpeg,image/webp,video/mp4,video/webm,text/html',
    }),
    seconds: number(10, 1, 3600),
    where: el(
      'select',
      {},
      ...options([['', 'Every screen'], ...kinds.map((kind) => [`kind:${kind}`, `All: ${kind}`])]),
    ),
    priority: number(10, 0, 100),
    weight: number(1, 1, 1000),
    slot: el(
      'select',
      {},
      ...options([
        ['loop', 'In the loop'],
        ['promotion', 'As a promotion'],
      ]),
    ),
    shows: el(
      'select',
      {},
      ...options(Object.entries(windows).map(([name, [text]]) => [name, text])),
    ),
    from: el('input', { type: 'date' }),
    to: el('input', { type: 'date' }),
    dayFrom: el('input', { type: 'time' }),
    dayTo: el('input', { type: 'time' }),
    advertiser: el('input', { maxlength: 48 }),
    minAge: number(0, 0, 21),
  };
}

/** The item that the form describes. */
function itemOf(of, itemId, content) {
  return {
    itemId,
    name: of.name.value.trim(),
    content,
    data: {},
    durationMs: Number(of.seconds.value) * 1000,
    advertiser: of.advertiser.value.trim() || null,
    category: null,
    minAge: Number(of.minAge.value),
    legalHours: null,
  };
}

/** The campaign that puts it on screens. */
function campaignOf(of, id) {
  const [how, which] = of.where.value.split(':');
  const daypart = { from: of.dayFrom.value, to: of.dayTo.value };
  return {
    campaignId: id,
    name: of.name.value.trim(),
    status: 'active',
    items: [id],
    slot: of.slot.value,
    target: {
      screens: how === 'screen' ? [which] : [],
      kinds: how === 'kind' ? [which] : [],
      groups: [],
      tags: [],
    },
    priority: Number(of.priority.value),
    weight: Number(of.weight.value),
    dates: { from: of.from.value || null, to: of.to.value || null },
    weekdays: [],
    dayparts: daypart.from === '' || daypart.to === '' ? [] : [daypart],
    shows: windowOf(of.shows.value),
    conditions: [],
    fallbackItem: null,
    capPerHour: null,
    separationS: 0,
  };
}

/** Puts a file or a board on screens: the upload, an item and its campaign in one go. */
export class PlaceForm {
  #base;
  #media;
  #done;
  #of = inputs();
  #error = el('p', { class: 'error wide', role: 'alert' });
  #progress = el('p', { class: 'soft wide', role: 'status' });
  #go = el('button', { class: 'primary' }, 'Put it on');
  #filePlace;
  #form;
  #known = '';
  panel;

  /** `base` answers the theatre's path, `media` its files; `done` is told after each success. */
  constructor({ base, media, done }) {
    this.#base = base;
    this.#media = media;
    this.#done = done;
    this.#form = this.#makeForm();
    this.panel = el('div', { class: 'panel' }, el('h2', {}, 'Put something on'), this.#form);
    const { what, file, name } = this.#of;
    what.addEventListener('change', () => this.#settle());
    file.addEventListener('change', () => {
      const [chosen] = file.files;
      if (chosen === undefined || name.value !== '') return;
      name.value = chosen.name.replace(/\.[^.]*$/, '').slice(0, 80);
    });
    this.update();
  }

  /** The files may have changed. */
  update() {
    const { what } = this.#of;
    const chosen = what.value || 'file';
    const files = this.#media().map(({ sha256, name }) => [`media:${sha256}`, `File: ${name}`]);
    const drawn = boards.map(([board, text]) => [`board:${board}`, `Board: ${text}`]);
    what.replaceChildren(...options([['file', 'A new file'], ...drawn, ...files], chosen));
    this.#settle();
  }

  /** The screens that there are now. */
  screens(screens) {
    const { where } = this.#of;
    const pairs = screens.map(({ screenId, name }) => [`screen:${screenId}`, name]);
    if (JSON.stringify(pairs) === this.#known) return;
    this.#known = JSON.stringify(pairs);
    for (const old of where.querySelectorAll('[value^="screen:"]')) old.remove();
    where.append(...options(pairs, where.value));
  }

  #makeForm() {
    const of = this.#of;
    const wide = (place) => {
      place.classList.add('wide');
      return place;
    };
    const kindsOfFile = 'PNG, JPEG or WebP; MP4 or WebM; an HTML template';
    this.#filePlace = wide(field('File', of.file, kindsOfFile));
    return el(
      'form',
      { class: 'form-grid', submit: (event) => void this.#submit(event) },
      wide(field('What', of.what)),
      this.#filePlace,
      wide(field('Name', of.name)),
      field('Where', of.where),
      field('Seconds', of.seconds),
      field('How', of.slot),
      field('Priority', of.priority, 'Higher ones hide lower ones'),
      field('Weight', of.weight, 'Share among its priority'),
      wide(field('When', of.shows)),
      field('First day', of.from),
      field('Last day', of.to),
      field('From', of.dayFrom),
      field('To', of.dayTo, 'Both empty: all day'),
      field('Advertiser', of.advertiser),
      field('Only by films rated from', of.minAge, '0: by any'),
      this.#error,
      this.#progress,
      el('div', { class: 'actions wide' }, this.#go),
    );
  }

  #settle() {
    const { what, file } = this.#of;
    this.#filePlace.hidden = what.value !== 'file';
    file.required = what.value === 'file';
  }

  async #content() {
    const { what, file, name } = this.#of;
    const [how, which] = what.value.split(':');
    if (how === 'board') return { kind: 'board', board: which };
    if (how === 'media') {
      const row = this.#media().find((media) => media.sha256 === which);
      return { kind: row?.kind === 'template' ? 'template' : 'media', sha256: which };
    }
    const [chosen] = file.files;
    if (chosen.size > mostBytes) throw new Error('The file is larger than 500 MB.');
    say(this.#progress, 'Reading the file…');
    const sha256 = await sha256Of(chosen);
    say(this.#progress, 'Sending the file; it is checked and prepared for the screens…');
    const query = `name=${encodeURIComponent(name.value.trim())}`;
    const row = await putFile(`${this.#base()}/media/${sha256}?${query}`, chosen);
    return { kind: row.kind === 'template' ? 'template' : 'media', sha256 };
  }

  async #submit(event) {
    event.preventDefault();
    const of = this.#of;
    say(this.#error, '');
    this.#go.disabled = true;
    try {
      const content = await this.#content();
      const id = `${slug(of.name.value)}-${crypto.randomUUID().slice(0, 8)}`;
      await change('PUT', `${this.#base()}/items/${id}`, itemOf(of, id, content));
      await change('PUT', `${this.#base()}/campaigns/${id}`, campaignOf(of, id));
      announce(`${of.name.value} is on its way to the screens.`);
      say(this.#progress, `${of.name.value} is on its way to the screens.`);
      const { value } = of.what;
      this.#form.reset();
      of.what.value = value;
      this.#settle();
      this.#done();
    } catch (problem) {
      say(this.#progress, '');
      say(this.#error, problem.message);
    } finally {
      this.#go.disabled = false;
    }
  }
}
