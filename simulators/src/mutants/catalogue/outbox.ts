import { inFile, mutant } from '../mutant.ts';

const engine = 'cloud-sync/src/engine';
const send = `${engine}/domain/outbox-send.ts`;
const receive = `${engine}/domain/outbox-receive.ts`;
const hub = `${engine}/adapters/outbox-hub.ts`;
const events = `${engine}/adapters/event-store.ts`;
const peer = `${engine}/adapters/outbox-peer.ts`;
const split = `${engine}/adapters/split-lane.ts`;
const receiver = `${engine}/adapters/outbox-receiver.ts`;
const admission = 'edge-agent/src/app/admission.ts';

/** Bugs on the way up: numbers, chains, acknowledgements, relays. */
export const outboxMutants = [
  mutant(
    'gap-in-a-push-accepted',
    'Events are taken though some before them are missing, which are then never sent.',
    ...inFile(receive, ["    if (!jumps) return { kind: 'gap', checked: null };\n", '']),
  ),
  mutant(
    'chain-not-compared',
    'Another event under a known number is taken for the known one.',
    ...inFile(
      receive,
      ['if (known !== null && known !== prevHash) return', 'if (known === "") return'],
      ['if (mine !== null && mine !== hash) return', 'if (mine === "") return'],
    ),
  ),
  mutant(
    'other-chain-thrown-away',
    'Of two chains that a disk and its past wrote, a node keeps the one that it heard of first.',
    ...inFile(split, [
      '    branchOff(store, lane, store.hashAt(lane, kept) ?? genesisHash, moved);\n',
      '',
    ]),
  ),
  mutant(
    'heads-compared-by-number',
    'Two chains of the same length are taken for one.',
    ...inFile(peer, ['their.lastSeq === lastSeq && !lastHash', 'their.lastSeq < 0 && !lastHash']),
  ),
  mutant(
    'restored-disk-keeps-its-numbers',
    'A node whose disk was restored or cloned goes on under numbers that others have used.',
    ...inFile(hub, [
      '    this.#forks += 1;\n',
      '    if (how !== "") return;\n    this.#forks += 1;\n',
    ]),
  ),
  mutant(
    'events-dropped-at-a-new-incarnation',
    'What was not yet durable is not numbered anew when a disk turns out to be restored.',
    ...inFile(events, [
      '      for (const event of waiting) {\n        const body',
      '      for (const event of waiting.slice(0, 0)) {\n        const body',
    ]),
  ),
  mutant(
    'events-renamed-at-a-new-incarnation',
    'Events that are numbered anew get new ids, and their effects count twice.',
    ...inFile(events, ['this.append(body, event.eventId);', 'this.append(body);']),
  ),
  mutant(
    'lost-push-not-sent-again',
    'A push without an acknowledgement is taken for received.',
    ...inFile(send, [
      '    position.sent = position.acked;\n    position.failures += 1;',
      '    position.failures += 1;',
    ]),
  ),
  mutant(
    'restored-receiver-not-noticed',
    'The highest acknowledgement ever is believed, also of a receiver that was restored.',
    ...inFile(
      send,
      [
        '      this.#doubt(position, ack.lastSeq, nowMs);\n      return true;',
        '      return false;',
      ],
      ['      this.#doubt(position, lastSeq, nowMs);\n', ''],
      ['    this.#positions.clear();\n', ''],
      ['      this.#positions.delete(name);\n', ''],
    ),
  ),
  mutant(
    'relay-acknowledgement-taken-for-durable',
    'What the theatre agent acknowledged is called durable before the cloud has it.',
    ...inFile(hub, ['Math.min(ack.durableSeq, verified)', 'Math.min(ack.lastSeq, verified)']),
  ),
  mutant(
    'relay-signs-as-its-own',
    "A node passes on what others wrote as events of its own, under their events' ids.",
    ...inFile(receiver, [
      'this.#events.insert(lane, event);',
      `if (holders.length === 0) this.#events.append(parseEventBody(event), eventId);
    this.#events.insert(lane, event);`,
    ]),
  ),
  mutant(
    'nobody-relays-for-the-dead',
    'Admissions of a gate that died with its disk are kept by its peers and never passed on.',
    ...inFile(hub, [
      'return lacking !== undefined && nowMs >= lacking.sinceMs + lacking.waitMs;',
      'return lacking !== undefined && nowMs < 0;',
    ]),
  ),
  mutant(
    'outbox-in-a-second-transaction',
    'The event is written a moment after the admission that it reports.',
    ...inFile(admission, [
      'events: { append: (body) => events.append(body), flush: () => {} },',
      `events: {
      append: (body) => {
        const eventId = parts.random.uuid();
        clock.setTimer('outbox', 0, () => events.append(body, eventId));
        return { eventId, seq: 0 };
      },
      flush: () => {},
    },`,
    ]),
  ),
  mutant(
    'gossip-before-commit',
    'An admission is told to the peers from inside the transaction that may yet fail.',
    ...inFile(admission, [
      'events: { append: (body) => events.append(body), flush: () => {} },',
      `events: {
      append: (body) => {
        const made = events.append(body);
        const incarnation = events.incarnation();
        const key = { node: config.node, incarnation, lane: 'ledger' } as const;
        const lane = events.lane(key);
        if (body.kind !== 'admission' || lane === undefined) return made;
        const since = made.seq - 1;
        const prevHash = events.hashAt(lane, since) ?? '';
        const event = { ...made, body: JSON.stringify(body) };
        hub.sendToAll({ type: 'push', ...key, since, prevHash, events: [event] });
        return made;
      },
      flush: () => {},
    },`,
    ]),
  ),
  mutant(
    'received-admission-not-applied',
    'An event that was received is kept and relayed, and its effect here is left out.',
    ...inFile(receiver, [
      'const repeated = holders.includes(lane.node);',
      'const repeated = holders.includes(lane.node) || lane.lane === "ledger";',
    ]),
  ),
  mutant(
    'outbox-forgotten-at-a-start',
    'Each start begins an outbox of its own, and what the one before had not sent is gone.',
    ...inFile(events, [
      "return this.#self.get('', () => find.get()?.incarnation ?? this.#newIncarnation());",
      `if (this.#started) return find.get()?.incarnation ?? this.#newIncarnation();
    this.#started = true;
    for (const lane of this.lanes()) if (lane.node === this.self) this.dropLane(lane);
    return this.#newIncarnation();`,
    ]),
    ...inFile(events, ['  #dropped = 0;\n', '  #dropped = 0;\n  #started = false;\n']),
  ),
];
