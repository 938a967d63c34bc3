import { announce, button, el, say, scroller } from './dom.js';
import { change, get, imageUrl } from './api.js';
import { PlaceForm } from './place-form.js';
import { whenOf, whereOf } from './words.js';

const states = { active: ['on', 'green'], paused: ['paused', 'amber'] };

function tableOf(title, heads, body) {
  const names = heads.map((text) => el('th', { scope: 'col' }, text));
  return scroller(
    title,
    el(
      'table',
      {},
      el('caption', {}, el('h2', {}, title)),
      el('thead', {}, el('tr', {}, ...names)),
      body,
    ),
  );
}

function thumb({ kind, sha256, renditions, name }) {
  if (kind !== 'image') return el('span', { class: 'chip' }, kind);
  const image = el('img', { class: 'thumb', alt: name });
  imageUrl(renditions[0]?.sha256 ?? sha256).then(
    (url) => {
      image.src = url;
    },
    () => image.replaceWith(el('span', { class: 'chip' }, 'image')),
  );
  return image;
}

const row = (...cells) => el('tr', {}, ...cells.map((cell) => el('td', {}, cell)));

function withActions(tr, ...children) {
  const actions = el('div', { class: 'row-actions' }, ...children);
  tr.append(el('td', { class: 'end' }, actions));
  return tr;
}

/** What a theatre's screens are given to show: campaigns, items, files; and a form for more. */
class ContentView {
  #context;
  #content = null;
  #campaigns = el('tbody', {});
  #items = el('tbody', {});
  #files = el('tbody', {});
  #note = el('p', { class: 'soft', role: 'status' });
  #form;
  section;

  constructor(context) {
    this.#context = context;
    this.#form = new PlaceForm({
      base: () => this.#base,
      media: () => this.#content?.media ?? [],
      done: () => void this.#read(),
    });
    const lists = el(
      'div',
      { class: 'panel' },
      this.#note,
      tableOf('Campaigns', ['Name', 'Where and when', 'Items', ''], this.#campaigns),
      tableOf('Items', ['Name', 'Shows', ''], this.#items),
      tableOf('Files', ['', 'Name', 'Size', ''], this.#files),
    );
    const may = context.may('editor');
    const form = may ? this.#form.panel : null;
    this.section = el('section', { class: may ? 'two' : '', 'aria-label': 'Content' }, lists, form);
  }

  focus() {
    void this.#read();
  }

  update(overview) {
    this.#form.screens(overview.screens);
    if (this.#content === null) void this.#read();
  }

  get #base() {
    return `/v1/theatres/${this.#context.theatreNo()}`;
  }

  async #read() {
    if (this.#context.theatreNo() === null) return;
    try {
      this.#content = await get(`${this.#base}/content`);
      this.#show();
    } catch (error) {
      this.#context.fail(error);
    }
  }

  async #act(sentence, method, path, body) {
    try {
      await change(method, `${this.#base}/${path}`, body);
      announce(sentence);
      await this.#read();
    } catch (error) {
      this.#context.fail(error);
    }
  }

  #show() {
    const { campaigns, items, media } = this.#content;
    say(this.#note, campaigns.length === 0 ? 'There are no campaigns yet.' : '');
    this.#campaigns.replaceChildren(...campaigns.map((one) => this.#campaignRow(one)));
    this.#items.replaceChildren(...items.map((one) => this.#itemRow(one)));
    this.#files.replaceChildren(...media.map((one) => this.#fileRow(one)));
    this.#form.update();
  }

  #campaignRow(campaign) {
    const { campaignId, name, status, priority, weight, slot, items } = campaign;
    const [word, tone] = states[status];
    const names = new Map(this.#content.items.map((item) => [item.itemId, item.name]));
    const rank = `priority ${priority}, weight ${weight}`;
    const chip = el('span', { class: 'chip', 'data-tone': tone }, word);
    const tr = row(
      el('div', {}, el('b', {}, name), el('div', {}, chip)),
      el(
        'div',
        {},
        whereOf(campaign),
        el('div', { class: 'tiny' }, whenOf(campaign)),
        el('div', { class: 'tiny' }, slot === 'promotion' ? `${rank}, promotion` : rank),
      ),
      items.map((id) => names.get(id) ?? id).join(', '),
    );
    return withActions(tr, this.#pause(campaign), this.#remove('campaigns', campaignId, name));
  }

  #itemRow({ itemId, name, content, durationMs }) {
    const what = content.kind === 'board' ? content.board : content.kind;
    const tr = row(name, `${what}, ${durationMs / 1000} s`);
    return withActions(tr, this.#remove('items', itemId, name));
  }

  #fileRow(file) {
    const { sha256, name, widthPx, heightPx, sizeBytes } = file;
    const size = `${widthPx} × ${heightPx}, ${Math.ceil(sizeBytes / 1000)} kB`;
    return withActions(row(thumb(file), name, size), this.#remove('media', sha256, name));
  }

  #pause(campaign) {
    if (!this.#context.may('editor')) return null;
    const { campaignId, name } = campaign;
    const paused = campaign.status === 'paused';
    const status = paused ? 'active' : 'paused';
    const verb = paused ? 'Resume' : 'Pause';
    const act = () =>
      this.#act(`${name} is ${states[status][0]}.`, 'PUT', `campaigns/${campaignId}`, {
        ...campaign,
        status,
      });
    return button(verb, () => void act(), { 'aria-label': `${verb} ${name}` });
  }

  /** Asked twice: the second button takes the first one's place, and gives it back when left. */
  #remove(kind, id, name) {
    if (!this.#context.may('editor')) return null;
    const act = () => this.#act(`${name} is removed.`, 'DELETE', `${kind}/${id}`);
    const ask = button('Remove', () => {
      const sure = button('Yes, remove', () => void act(), { class: 'small danger' });
      ask.replaceWith(sure);
      sure.focus();
      sure.addEventListener('blur', () => sure.replaceWith(ask));
    });
    ask.setAttribute('aria-label', `Remove ${name}`);
    return ask;
  }
}

export const contentView = (context) => new ContentView(context);
