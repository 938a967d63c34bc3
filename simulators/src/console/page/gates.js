import { lagOf, makeFacts, positionOf, powerWords, showPeers, waitingOf } from './stations.js';
import { makeSwitch } from './switches.js';
import {
  count,
  flagWords,
  make,
  millis,
  nodeWords,
  reasonWords,
  say,
  signs,
  tag,
} from './words.js';

const ticks = 28;
const gates = new Map();

const upstreams = {
  theatre: 'fed by the server',
  cloud: 'fed by the cloud',
  peer: 'fed by a peer',
  none: 'on its own',
};

function makeLamp() {
  const lamp = make('div', { class: 'lamp', 'aria-hidden': 'true' }, '·');
  const title = make('b', {}, 'Waiting');
  const message = make('span', { class: 'lamp-message' }, 'Nobody has come yet.');
  const detail = make('span', { class: 'lamp-detail' }, '');
  const flags = make('div', { class: 'flags' });
  const words = make('div', { class: 'lamp-words' }, title, message, detail);
  return {
    row: make('div', { class: 'lamp-row' }, lamp, words),
    flags,
    show(line) {
      tag(lamp, 'colour', line.colour);
      say(lamp, signs[line.colour]);
      // The animation starts anew only when the attribute was away for a moment.
      tag(lamp, 'fresh', undefined);
      void lamp.offsetWidth;
      tag(lamp, 'fresh', true);
      say(title, line.colour === 'ignored' ? 'Not a ticket' : reasonWords(line.reason));
      say(message, line.message);
      const parts = [
        line.seat === undefined ? '' : `Seat ${line.seat}`,
        line.scanMs === null ? '' : millis(line.scanMs),
      ];
      say(detail, parts.filter((part) => part !== '').join(' · '));
      flags.replaceChildren(
        ...line.flags.map((flag) => make('span', { class: 'flag' }, flagWords(flag))),
      );
    },
  };
}

function makeStrip() {
  const strip = make('div', { class: 'strip', 'aria-hidden': 'true' });
  const blank = () => make('span', { class: 'tick', 'data-colour': 'none' });
  strip.append(...Array.from({ length: ticks }, blank));
  return {
    strip,
    add(colour) {
      if (colour === 'ignored') return;
      strip.firstElementChild.remove();
      strip.append(make('span', { class: 'tick', 'data-colour': colour }));
    },
  };
}

const inOrder = (a, b) => a.localeCompare(b, 'en', { numeric: true }) < 0;

function makeGate(node) {
  const name = nodeWords(node);
  const state = make('p', { class: 'state' }, 'starting');
  const lamp = makeLamp();
  const strip = makeStrip();
  const facts = makeFacts([
    'Shown',
    'In the queue',
    'Sync',
    'Tickets feed',
    'To the cloud',
    'Peers',
  ]);
  const card = make(
    'article',
    { class: 'gate', 'aria-label': name },
    make('div', { class: 'gate-head' }, make('h3', {}, name), state),
    lamp.row,
    lamp.flags,
    strip.strip,
    facts.list,
    make(
      'div',
      { class: 'gate-switches' },
      makeSwitch(`lan:${node}`, { label: `${name} network cable`, on: 'Cable', off: 'Cut' }),
      makeSwitch(node, { ...powerWords(name), on: 'Power', off: 'Killed' }),
    ),
  );
  const slot = make('div', { class: 'gate-slot' }, card);
  slot.dataset.gate = node;
  // A verdict may come before the state that lists the gates: each finds its own place.
  const grid = document.getElementById('gate-grid');
  const next = [...grid.children].find((each) => inOrder(node, each.dataset.gate));
  grid.insertBefore(slot, next ?? null);
  const gate = { slot, card, state, lamp, strip, facts };
  gates.set(node, gate);
  return gate;
}

function showState(gate, node, broken) {
  const dead = broken.includes(node.node);
  const cut = broken.includes(`lan:${node.node}`);
  tag(gate.card, 'dead', dead);
  tag(gate.slot, 'cut', cut || dead);
  if (node.state === null) {
    say(gate.state, dead ? 'killed' : 'no answer');
    tag(gate.state, 'tone', 'red');
    return;
  }
  const kind = node.state.recovering ? 'recovering' : node.state.upstream.kind;
  say(gate.state, upstreams[kind] ?? 'does not vote yet');
  tag(gate.state, 'tone', kind === 'theatre' ? undefined : 'amber');
}

/** Shows each gate as the state says. */
export function showGates(view) {
  for (const node of view.nodes) {
    if (!node.node.startsWith('gate-')) continue;
    const gate = gates.get(node.node) ?? makeGate(node.node);
    showState(gate, node, view.broken);
    const { facts } = gate;
    if (node.tally !== null) {
      const { greens, ambers, reds, waiting } = node.tally;
      facts.set('Shown', `${count(greens)} ✓  ${count(ambers)} !  ${count(reds)} ✕`);
      facts.set('In the queue', count(waiting), waiting > 8 ? 'amber' : undefined);
    }
    if (node.state === null) continue;
    const lag = lagOf(node.state);
    facts.set('Sync', lag.text, lag.tone);
    facts.set('Tickets feed', positionOf(node.state));
    const waiting = waitingOf(node.state);
    facts.set('To the cloud', waiting.text, waiting.tone);
    showPeers(facts, node.state);
  }
}

/** Lights the lamp of the gate where a verdict fell. */
export function showVerdict(line) {
  const gate = gates.get(line.gate) ?? makeGate(line.gate);
  gate.lamp.show(line);
  gate.strip.add(line.colour);
}
