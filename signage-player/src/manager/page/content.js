import { announce, button, el, say } from './dom.js';
import { change, get, imageUrl } from './api.js';
import { placeForm } from './place-form.js';

const states = { active: ['on', 'green'], paused: ['paused', 'amber'] };

function whenOf({ dates, weekdays, dayparts, shows, conditions }) {
  const names = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
  const parts = [
    dates.from === null && dates.to === null ? null : `${dates.from ?? '…'} to ${dates.to ?? '…'}`,
    weekdays.length === 0 ? null : weekdays.map((day) => names[day - 1]).join(' '),
    dayparts.length === 0 ? null : dayparts.map(({ from, to }) => `${from}–${to}`).join(', '),
    shows === null ? null : `${momentOf(shows.from)} to ${momentOf(shows.to)}`,
    conditions.length === 0 ? null : conditions.map(({ metric }) => `by ${metric}`).join(', '),
  ].filter((part) => part !== null);
  return parts.length === 0 ? 'always' : parts.join(' · ');
}

function momentOf({ of, offsetMin }) {
  const name = of.replaceAll('-', ' ');
  if (offsetMin === 0) return name;
  return `${Math.abs(offsetMin)} min ${offsetMin < 0 ? 'before' : 'after'} ${name}`;
}

function whereOf({ screens, kinds, groups, tags }) {
  const all = [...screens, ...kinds, ...groups, ...tags];
  return all.length === 0 ? 'every screen' : all.join(', ');
}

function tableOf(title, heads, body) {
  return el(
    'div',
    { class: 'scroll' },
    el(
      'table',
      {},
      el('caption', {}, el('h2', {}, title)),
      el('thead', {}, el('tr', {}, ...heads.map((text) => el('th', { scope: 'col' }, text)))),
      body,
    ),
  );
}

function thumb({ kind, sha256, renditions, name }) {
  if (kind !== 'image') return el('span', { class: 'chip' }, kind);
  const image = el('img', { class: 'thumb', alt: name, loading: 'lazy' });
  imageUrl(renditions[0]?.sha256 ?? sha256).then(
    (url) => {
      image.src = url;
    },
    () => image.replaceWith(el('span', { class: 'chip' }, 'image')),
  );
  return image;
}

const actions = (...children) => el('div', { class: 'row-actions' }, ...children);

/** What a theatre's screens are given to show: campaigns, items, files; and a form for more. */
export function contentView(context) {
  let content = null;
  const base = () => `/v1/theatres/${context.theatreNo()}`;
  const campaigns = el('tbody', {});
  const files = el('tbody', {});
  const items = el('tbody', {});
  const note = el('p', { class: 'soft', role: 'status' });
  const form = placeForm({ ...context, base, contentNow: () => content, done: () => void read() });
  const lists = el(
    'div',
    { class: 'panel' },
    note,
    tableOf('Campaigns', ['Name', 'Where and when', 'Items', ''], campaigns),
    tableOf('Items', ['Name', 'Shows', ''], items),
    tableOf('Files', ['', 'Name', 'Size', ''], files),
  );
  const section = el(
    'section',
    { class: context.may('editor') ? 'two' : '', 'aria-label': 'Content' },
    lists,
    context.may('editor') ? form.panel : null,
  );

  async function read() {
    if (context.theatreNo() === null) return;
    try {
      content = await get(`${base()}/content`);
      show();
    } catch (error) {
      context.fail(error);
    }
  }

  const act = (sentence, method, path, body) =>
    change(method, `${base()}/${path}`, body).then(() => {
      announce(sentence);
      return read();
    }, context.fail);

  function remove(kind, id, name) {
    if (!context.may('editor')) return null;
    const ask = button('Remove', () => {
      const sure = button(
        'Yes, remove it',
        () => void act(`${name} is removed.`, 'DELETE', `${kind}/${id}`),
        {
          class: 'small danger',
        },
      );
      ask.replaceWith(sure);
      sure.focus();
      sure.addEventListener('blur', () => sure.replaceWith(ask));
    });
    ask.setAttribute('aria-label', `Remove ${name}`);
    return ask;
  }

  function pause(campaign) {
    if (!context.may('editor')) return null;
    const paused = campaign.status === 'paused';
    const status = paused ? 'active' : 'paused';
    const sentence = `${campaign.name} is ${states[status][0]}.`;
    return button(
      paused ? 'Resume' : 'Pause',
      () => void act(sentence, 'PUT', `campaigns/${campaign.campaignId}`, { ...campaign, status }),
      { 'aria-label': `${paused ? 'Resume' : 'Pause'} ${campaign.name}` },
    );
  }

  function campaignRow(campaign) {
    const { campaignId, name, status, priority, weight, slot } = campaign;
    const [word, tone] = states[status];
    const names = new Map(content.items.map((item) => [item.itemId, item.name]));
    return el(
      'tr',
      {},
      el(
        'td',
        {},
        el('b', {}, name),
        el('div', {}, el('span', { class: 'chip', 'data-tone': tone }, word)),
      ),
      el(
        'td',
        {},
        whereOf(campaign.target),
        el('div', { class: 'tiny' }, whenOf(campaign)),
        el(
          'div',
          { class: 'tiny' },
          `priority ${priority}, weight ${weight}${slot === 'promotion' ? ', promotion' : ''}`,
        ),
      ),
      el('td', {}, campaign.items.map((id) => names.get(id) ?? id).join(', ')),
      el('td', { class: 'end' }, actions(pause(campaign), remove('campaigns', campaignId, name))),
    );
  }

  function show() {
    say(note, content.campaigns.length === 0 ? 'There are no campaigns yet.' : '');
    campaigns.replaceChildren(...content.campaigns.map(campaignRow));
    items.replaceChildren(
      ...content.items.map(({ itemId, name, content: what, durationMs }) =>
        el(
          'tr',
          {},
          el('td', {}, name),
          el('td', {}, `${what.kind === 'board' ? what.board : what.kind}, ${durationMs / 1000} s`),
          el('td', { class: 'end' }, actions(remove('items', itemId, name))),
        ),
      ),
    );
    files.replaceChildren(
      ...content.media.map((file) =>
        el(
          'tr',
          {},
          el('td', {}, thumb(file)),
          el('td', {}, file.name),
          el(
            'td',
            {},
            `${file.widthPx} × ${file.heightPx}, ${Math.ceil(file.sizeBytes / 1000)} kB`,
          ),
          el('td', { class: 'end' }, actions(remove('media', file.sha256, file.name))),
        ),
      ),
    );
    form.update();
  }

  return {
    section,
    focus: () => void read(),
    update: (overview) => {
      form.screens(overview.screens);
      if (content === null) void read();
    },
  };
}
