import { powerWords } from './stations.js';
import { makeSwitch } from './switches.js';
import { make, nodeWords, say, span, tag } from './words.js';

const cards = new Map();
const boxes = new Set();

const modes = {
  normal: undefined,
  standby: 'on standby',
  emergency: 'shows an emergency',
  fallback: 'shows the house card',
};

function makeCard({ screenId, name, url, widthPx, heightPx }) {
  const picture = make('img', { class: 'screen-picture', alt: '', hidden: true });
  const waiting = make('p', { class: 'screen-waiting' }, 'Open it to see it play.');
  const glass = make('div', { class: 'screen-glass' }, picture, waiting);
  // The page's policy forbids style attributes, not this.
  glass.style.setProperty('--shape', `${widthPx / heightPx}`);
  const state = make('p', { class: 'state' }, 'starting');
  const link = make('a', { href: url, target: '_blank', rel: 'noopener' }, name);
  const card = make(
    'article',
    { class: 'screen', 'aria-label': name },
    // For the mouse: the name below is the link that is read aloud.
    make(
      'a',
      { href: url, target: '_blank', rel: 'noopener', tabindex: -1, 'aria-hidden': 'true' },
      glass,
    ),
    make('h3', {}, link),
    state,
  );
  document.getElementById('screen-grid').append(card);
  const made = { card, picture, waiting, state };
  cards.set(screenId, made);
  return made;
}

function makeBox(box, player) {
  const name = nodeWords(box);
  boxes.add(box);
  document
    .getElementById('box-switches')
    .append(
      makeSwitch(`lan:${box}`, { label: `${name} network cable`, on: `${name} cable`, off: 'Cut' }),
      makeSwitch(box, { ...powerWords(`${name} agent`), on: `${name} agent`, off: 'Killed' }),
      makeSwitch(player, { ...powerWords(`${name} player`), on: `${name} player`, off: 'Killed' }),
    );
}

function stateOf({ report, reportAgeMs }) {
  if (report === null) return ['nobody has spoken for it yet', 'amber'];
  if (reportAgeMs > 10_000) return [`silent for ${span(reportAgeMs)}`, 'red'];
  if (report.pageAgeMs === null || report.pageAgeMs > 10_000) return ['no page is open', 'amber'];
  const special = modes[report.mode];
  if (special !== undefined) return [special, report.mode === 'emergency' ? 'red' : 'amber'];
  return [report.playing === null ? 'playing' : report.playing.name, undefined];
}

/** Shows each screen as its box tells of it. */
export function showScreens({ screens, managerUrl }) {
  const manager = document.getElementById('manager');
  manager.hidden = managerUrl === null;
  if (managerUrl !== null) manager.href = managerUrl;
  document.getElementById('screens').hidden = screens.length === 0;
  for (const screen of screens) {
    if (!boxes.has(screen.box)) makeBox(screen.box, screen.player);
    const card = cards.get(screen.screenId) ?? makeCard(screen);
    const [text, tone] = stateOf(screen);
    say(card.state, text);
    tag(card.state, 'tone', tone);
    const shown = screen.picture !== null;
    card.picture.hidden = !shown;
    card.waiting.hidden = shown;
    const source = shown ? `data:image/jpeg;base64,${screen.picture}` : '';
    if (shown && card.picture.getAttribute('src') !== source) card.picture.src = source;
  }
}
