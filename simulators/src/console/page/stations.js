import { makeSwitch } from './switches.js';
import { count, make, say, span, tag } from './words.js';

/** A list of facts: terms that stay, values that change. */
export function makeFacts(terms) {
  const values = new Map();
  const list = make('dl', { class: 'facts' });
  for (const term of terms) {
    const value = make('dd', {}, '–');
    values.set(term, value);
    list.append(make('dt', {}, term), value);
  }
  const set = (term, text, tone) => {
    say(values.get(term), text);
    tag(values.get(term), 'tone', tone);
  };
  return { list, set };
}

function makeStation(id, name, terms, power) {
  const root = document.getElementById(id);
  const state = make('p', { class: 'state' }, 'starting');
  const facts = makeFacts(terms);
  const head = make('div', { class: 'station-head' }, make('div', {}, make('h3', {}, name), state));
  if (power !== undefined) head.append(makeSwitch(power, powerWords(name)));
  root.append(head, facts.list);
  return {
    facts,
    show(dead, text, tone) {
      tag(root, 'dead', dead);
      say(state, text);
      tag(state, 'tone', tone);
    },
  };
}

/** The words of a switch that kills a program. */
export const powerWords = (name) => ({ label: `${name} power`, on: 'on', off: 'killed' });

/** Longer than a theatre and then its gates wait between two polls of a cloud that answers. */
const outOfStepMs = 90_000;

/** How far a node's feeds lag behind what it knows to be there, and since when it knows. */
export function lagOf(state) {
  const behind = state.feeds.reduce((sum, feed) => sum + Math.max(0, feed.head - feed.cursor), 0);
  const ages = state.feeds.flatMap((feed) => (feed.ageMs === null ? [] : [feed.ageMs]));
  const ageMs = Math.max(0, ...ages);
  if (behind > 0) return { text: `${count(behind)} behind`, tone: 'amber' };
  if (state.feeds.some((feed) => feed.head === 0)) return { text: 'nothing yet', tone: 'amber' };
  if (ageMs > outOfStepMs) return { text: `data is ${span(ageMs)} old`, tone: 'amber' };
  return { text: 'up to date', tone: undefined };
}

/** How many rows of a feed's position: "tickets 4,122". */
export function positionOf(state) {
  const tickets = state.feeds.find((feed) => feed.feed === 'tickets');
  return tickets === undefined ? '–' : count(tickets.cursor);
}

/** Events of a node that the cloud does not have yet, by lane. */
export function waitingOf(state) {
  const waits = (name) => {
    const lane = state.lanes.find((each) => each.lane === name);
    return lane === undefined ? 0 : Math.max(0, lane.head - lane.durable);
  };
  const ledger = waits('ledger');
  const other = waits('telemetry') + waits('bulk');
  return {
    text: `${count(ledger)} + ${count(other)} other`,
    tone: ledger > 0 ? 'amber' : undefined,
  };
}

/** Cloud, broker, theatre server and the cables between them. */
export function makeStations() {
  const cloud = makeStation(
    'cloud',
    'Cloud',
    ['Bookings', 'Tickets', 'Admissions', 'Dead letters'],
    'cloud',
  );
  const broker = makeStation('broker', 'Broker', ['Over the internet'], 'broker');
  const theatre = makeStation(
    'theatre',
    'Theatre server',
    ['Sync', 'Tickets feed', 'To the cloud', 'To relay', 'Peers'],
    'theatre',
  );
  const core = document.getElementById('cable-core');
  core.append(make('span', { class: 'cable-line' }));
  const wan = document.getElementById('cable-wan');
  wan.append(
    make('span', { class: 'cable-line' }),
    make('span', { class: 'cable-name' }, 'Internet'),
    makeSwitch('wan', { label: 'Internet between broker and theatre', on: 'on', off: 'cut' }),
  );
  const rail = document.getElementById('rail');
  rail.append(
    makeSwitch('lan:theatre', { label: 'Theatre server network cable', on: 'Cable', off: 'Cut' }),
  );
  return (view) => {
    const { broken } = view;
    showCloud(cloud, view);
    const brokerDead = broken.includes('broker');
    broker.show(brokerDead, brokerDead ? 'killed' : 'serving', brokerDead ? 'red' : undefined);
    broker.facts.set('Over the internet', sizeWords(view.wanBytes));
    const node = view.nodes.find((each) => each.node === 'theatre');
    if (node !== undefined) showTheatre(theatre, node, broken.includes('theatre'));
    tag(core, 'cut', brokerDead || broken.includes('cloud'));
    tag(wan, 'cut', broken.includes('wan') || brokerDead);
    tag(rail, 'cut', broken.includes('theatre') || broken.includes('lan:theatre'));
  };
}

const sizeWords = (bytes) =>
  bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;

function showCloud(station, { cloud, broken }) {
  const dead = broken.includes('cloud');
  if (cloud === null) {
    station.show(dead, dead ? 'killed' : 'does not answer', 'red');
    return;
  }
  station.show(dead, 'selling tickets', undefined);
  station.facts.set('Bookings', count(cloud.bookings));
  station.facts.set('Tickets', count(cloud.tickets));
  station.facts.set('Admissions', count(cloud.admissions));
  station.facts.set(
    'Dead letters',
    count(cloud.deadLetters),
    cloud.deadLetters > 0 ? 'amber' : undefined,
  );
}

function showTheatre(station, { state }, dead) {
  if (state === null) {
    station.show(dead, dead ? 'killed' : 'does not answer', 'red');
    return;
  }
  const online = state.upstream.connected;
  station.show(
    dead,
    online ? 'connected to the cloud' : 'on its own',
    online ? undefined : 'amber',
  );
  const lag = lagOf(state);
  station.facts.set('Sync', lag.text, lag.tone);
  station.facts.set('Tickets feed', positionOf(state));
  const waiting = waitingOf(state);
  station.facts.set('To the cloud', waiting.text, waiting.tone);
  station.facts.set(
    'To relay',
    count(state.relayQueue),
    state.relayQueue > 0 ? 'amber' : undefined,
  );
  showPeers(station.facts, state);
}

/** How many of the other nodes it is connected with. */
export function showPeers(facts, state) {
  const connected = state.peers.filter((peer) => peer.connected).length;
  const all = state.peers.length;
  facts.set('Peers', `${connected} of ${all}`, connected < all ? 'amber' : undefined);
}
