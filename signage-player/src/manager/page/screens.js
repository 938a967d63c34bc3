import { announce, button, byId, el, say, span } from './dom.js';
import { change, get } from './api.js';

const staleMs = 10_000;
const answerMs = 15_000;

const modes = {
  normal: ['playing', 'green'],
  standby: ['standby', ''],
  emergency: ['emergency', 'red'],
  fallback: ['fallback', 'amber'],
};

const displays = {
  matched: ['glass as planned', 'green'],
  differed: ['glass differs', 'red'],
  unsampled: ['glass not sampled', ''],
};

const chip = ([text, tone]) => el('span', { class: 'chip', 'data-tone': tone }, text);

/** What is wrong with a screen, the worst first; an empty list is a screen in order. */
function wrongs({ report, reportAgeMs }) {
  if (report === null) return [['never heard of', 'red']];
  const age = reportAgeMs ?? 0;
  return [
    age > staleMs ? [`silent for ${span(age)}`, 'red'] : null,
    report.pageAgeMs === null || report.pageAgeMs > staleMs ? ['page is silent', 'red'] : null,
    report.display === 'differed' ? displays.differed : null,
    report.panel === 'off' && report.mode !== 'standby' ? ['panel is off', 'red'] : null,
    report.cache.missing > 0 ? [`${report.cache.missing} files missing`, 'amber'] : null,
    report.fetchingHash !== null ? ['fetching the next programme', 'amber'] : null,
    report.blankMs > 0 ? [`${span(report.blankMs)} blank`, 'amber'] : null,
  ].filter((one) => one !== null);
}

function chipsOf(screen) {
  const { report } = screen;
  const all = wrongs(screen);
  if (report === null) return all;
  const calm = [modes[report.mode], report.panel === 'on' ? ['panel on', 'green'] : null];
  if (report.display !== 'differed') calm.push(displays[report.display]);
  return [...calm.filter((one) => one !== null), ...all];
}

function actionsOf(screenId, context) {
  const command = (kind, text) =>
    button(text, () => context.command(screenId, kind), { 'aria-label': `${text} ${screenId}` });
  const all = [
    button('Preview and why', () => context.show('preview', screenId), {
      'aria-label': `Preview and why: ${screenId}`,
    }),
  ];
  if (context.may('operator')) {
    all.push(command('identify', 'Identify'));
    all.push(command('screenshot', 'Screenshot'), command('reload', 'Reload'));
  }
  return el('div', { class: 'card-actions' }, ...all);
}

function faultText({ code, object, atMs }, nowMs) {
  const about = /^[0-9a-f]{64}$/.test(object) ? `file ${object.slice(0, 8)}` : object;
  const what = code.replaceAll('-', ' ');
  return `${what}${about === '' ? '' : `: ${about}`}, ${span(nowMs - atMs)} ago`;
}

/** Replaces the children when their words changed. */
function showTexts(list, texts, make) {
  const before = [...list.children].map((one) => one.textContent);
  if (JSON.stringify(before) === JSON.stringify(texts)) return;
  list.replaceChildren(...texts.map(make));
}

function makeCard(screenId, context) {
  const image = el('img', { alt: '', hidden: true });
  const none = el('span', {}, 'No picture yet');
  const name = el('h3', {}, screenId);
  const where = el('p', { class: 'tiny' });
  const item = el('b', {});
  const campaign = el('span', {});
  const chips = el('div', { class: 'chips' });
  const faults = el('ul', { class: 'faults', 'aria-label': 'Faults' });
  const card = el(
    'article',
    { class: 'card', 'aria-label': screenId },
    el('div', { class: 'glass' }, image, none),
    el(
      'div',
      { class: 'card-body' },
      el('div', { class: 'card-head' }, name, where),
      el('p', { class: 'on-air' }, item, campaign),
      chips,
      faults,
      actionsOf(screenId, context),
    ),
  );
  let chipsText = '';
  return {
    card,
    update(screen) {
      const { report, picture } = screen;
      say(name, screen.name);
      say(where, `${screen.kind} · ${screen.nodeId}`);
      const src = picture === null ? null : `data:image/jpeg;base64,${picture.picture}`;
      image.hidden = src === null;
      none.hidden = src !== null;
      if (src !== null && image.src !== src) image.src = src;
      image.alt = `What ${screen.name} showed ${span(Date.now() - (picture?.atMs ?? 0))} ago`;
      const playing = report?.playing ?? null;
      const idle = report?.mode === 'emergency' ? 'An emergency' : 'Nothing of the programme';
      say(item, playing === null ? idle : (screen.itemName ?? playing.itemId));
      const from = playing === null ? '' : (screen.campaignName ?? playing.campaignId ?? '');
      say(campaign, from === '' ? ' ' : `in ${from}`);
      const list = chipsOf(screen);
      if (chipsText !== JSON.stringify(list)) {
        chipsText = JSON.stringify(list);
        chips.replaceChildren(...list.map(chip));
      }
      const tones = wrongs(screen).map(([, tone]) => tone);
      card.dataset.tone = ['red', 'amber'].find((tone) => tones.includes(tone)) ?? '';
      const told = (report?.faults ?? []).map((fault) => faultText(fault, context.nowMs()));
      showTexts(faults, told, (text) => el('li', {}, text));
    },
  };
}

/** Every screen as it is now. */
export function screensView(context) {
  const cards = new Map();
  const summary = el('h2', { id: 'screens-summary' }, 'Screens');
  const grid = el('div', { class: 'screen-grid' });
  const section = el('section', { 'aria-labelledby': 'screens-summary' }, summary, grid);
  section.style.setProperty('display', 'grid');
  section.style.setProperty('gap', '16px');
  return {
    section,
    update({ screens }) {
      const ids = new Set(screens.map((screen) => screen.screenId));
      for (const [id, { card }] of cards) {
        if (ids.has(id)) continue;
        card.remove();
        cards.delete(id);
      }
      for (const screen of screens) {
        let card = cards.get(screen.screenId);
        if (card === undefined) {
          card = makeCard(screen.screenId, context);
          cards.set(screen.screenId, card);
          grid.append(card.card);
        }
        card.update(screen);
      }
      const bad = screens.filter((screen) => wrongs(screen).some(([, tone]) => tone === 'red'));
      const state = bad.length === 0 ? 'all in order' : `${bad.length} need a look`;
      say(summary, screens.length === 0 ? 'No screens yet' : `${screens.length} screens, ${state}`);
    },
  };
}

const sleep = (ms) =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/** Sends a command and waits for the screen's own answer. */
export async function sendCommand(screenId, kind) {
  const commandId = crypto.randomUUID();
  announce(`${kind} sent to ${screenId}`);
  if (kind === 'screenshot') openShot(screenId);
  try {
    await change('POST', '/v1/commands', { commandId, screenId, kind });
    const until = Date.now() + answerMs;
    while (Date.now() < until) {
      const { result } = await get(`/v1/commands/${commandId}`);
      if (result !== null) {
        const text = result.ok ? 'done' : `refused: ${result.detail}`;
        if (kind === 'screenshot') showShot(result);
        return `${screenId}: ${kind} ${text}`;
      }
      await sleep(300);
    }
    return `${screenId} has not answered the ${kind} within ${answerMs / 1000} s.`;
  } catch (error) {
    if (kind === 'screenshot') say(byId('shot-note'), error.message);
    return error.message;
  }
}

function openShot(screenId) {
  say(byId('shot-title'), `Screenshot of ${screenId}`);
  say(byId('shot-note'), 'Waiting for the screen…');
  byId('shot-image').hidden = true;
  byId('shot').showModal();
}

function showShot({ picture, detail, atMs }) {
  const image = byId('shot-image');
  image.hidden = picture === null;
  if (picture !== null) image.src = `data:image/jpeg;base64,${picture}`;
  image.alt = byId('shot-title').textContent;
  say(byId('shot-note'), picture === null ? detail : `As it was ${span(Date.now() - atMs)} ago.`);
}
