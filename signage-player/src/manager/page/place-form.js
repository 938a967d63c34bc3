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
    shows: null,
    conditions: [],
    fallbackItem: null,
    capPerHour: null,
    separationS: 0,
  };
}

/** Puts a file or a board on screens: the upload, an item and its campaign in one go. */
export function placeForm({ base, contentNow, done }) {
  const of = inputs();
  const error = el('p', { class: 'error wide', role: 'alert' });
  const progress = el('p', { class: 'soft wide', role: 'status' });
  const go = el('button', { class: 'primary' }, 'Put it on');
  const filePlace = field('File', of.file, 'PNG, JPEG or WebP; MP4 or WebM; an HTML template');
  filePlace.classList.add('wide');
  const settle = () => {
    filePlace.hidden = of.what.value !== 'file';
    of.file.required = of.what.value === 'file';
  };
  of.what.addEventListener('change', settle);
  of.file.addEventListener('change', () => {
    const [file] = of.file.files;
    if (file !== undefined && of.name.value === '') {
      of.name.value = file.name.replace(/\.[^.]*$/, '').slice(0, 80);
    }
  });
  const namePlace = field('Name', of.name);
  namePlace.classList.add('wide');
  const form = el(
    'form',
    { class: 'form-grid', submit: (event) => void submit(event) },
    field('What', of.what),
    filePlace,
    namePlace,
    field('Where', of.where),
    field('Seconds', of.seconds),
    field('How', of.slot),
    field('Priority', of.priority, 'Higher ones hide lower ones'),
    field('Weight', of.weight, 'Share among its priority'),
    field('First day', of.from),
    field('Last day', of.to),
    field('From', of.dayFrom),
    field('To', of.dayTo, 'Both empty: all day'),
    field('Advertiser', of.advertiser),
    field('Film rated from age', of.minAge),
    error,
    progress,
    el('div', { class: 'actions wide' }, go),
  );

  async function contentOf(what) {
    const [how, which] = what.split(':');
    if (how === 'board') return { kind: 'board', board: which };
    if (how === 'media') {
      const row = contentNow()?.media.find((media) => media.sha256 === which);
      return { kind: row?.kind === 'template' ? 'template' : 'media', sha256: which };
    }
    const [file] = of.file.files;
    if (file.size > mostBytes) throw new Error('The file is larger than 500 MB.');
    say(progress, 'Reading the file…');
    const sha256 = await sha256Of(file);
    say(progress, 'Sending the file; it is checked and prepared for the screens…');
    const name = encodeURIComponent(of.name.value.trim());
    const row = await putFile(`${base()}/media/${sha256}?name=${name}`, file);
    return { kind: row.kind === 'template' ? 'template' : 'media', sha256 };
  }

  async function submit(event) {
    event.preventDefault();
    say(error, '');
    go.disabled = true;
    try {
      const content = await contentOf(of.what.value);
      const id = `${slug(of.name.value)}-${crypto.randomUUID().slice(0, 8)}`;
      await change('PUT', `${base()}/items/${id}`, itemOf(of, id, content));
      await change('PUT', `${base()}/campaigns/${id}`, campaignOf(of, id));
      announce(`${of.name.value} is on its way to the screens.`);
      say(progress, `${of.name.value} is on its way to the screens.`);
      const { value } = of.what;
      form.reset();
      of.what.value = value;
      settle();
      done();
    } catch (problem) {
      say(progress, '');
      say(error, problem.message);
    } finally {
      go.disabled = false;
    }
  }

  function update() {
    const chosen = of.what.value || 'file';
    const media = contentNow()?.media ?? [];
    of.what.replaceChildren(
      ...options([['file', 'A new file']], chosen),
      ...options(
        boards.map(([board, text]) => [`board:${board}`, `Board: ${text}`]),
        chosen,
      ),
      ...options(
        media.map(({ sha256, name }) => [`media:${sha256}`, `File: ${name}`]),
        chosen,
      ),
    );
    settle();
  }
  update();
  let known = '';
  return {
    panel: el('div', { class: 'panel' }, el('h2', {}, 'Put something on'), form),
    update,
    screens(screens) {
      const pairs = screens.map(({ screenId, name }) => [`screen:${screenId}`, name]);
      if (JSON.stringify(pairs) === known) return;
      known = JSON.stringify(pairs);
      for (const old of of.where.querySelectorAll('[value^="screen:"]')) old.remove();
      of.where.append(...options(pairs, of.where.value));
    },
  };
}
