import { encodeFrame } from '@foyer/cloud-sync/engine';
import { parseTopic, upTopic, type Message } from '@foyer/contracts';
import { mosquittoLimits } from '@foyer/platform';

import { messageExamples } from '../examples.ts';
import { openCloud } from '../rigs/cloud.ts';
import { FakeLink } from '../rigs/fake-link.ts';
import { epochs, theatreNo } from '../rigs/house.ts';
import { changeBytes } from '../shapes/bytes.ts';
import { frameShape } from '../shapes/frames.ts';
import { listShape, packList, unpackList } from '../shapes/list.ts';
import type { FuzzTarget, Rig, Shape } from '../target.ts';
import { eventBodies, pushOf } from './outbox.ts';

/** A publish: the topic, a zero byte, the payload. */
const publishShape: Shape = {
  mutate(input, source) {
    const end = input.indexOf(0);
    if (end < 0 || source.random.chance(0.05)) return changeBytes(input, source);
    const topic = input.subarray(0, end);
    const payload = input.subarray(end + 1);
    const other = (): Uint8Array => {
      const donor = source.other();
      return donor.subarray(donor.indexOf(0) + 1);
    };
    const changed = source.random.chance(0.15)
      ? [changeBytes(topic, source), payload]
      : [topic, frameShape.mutate(payload, { ...source, other })];
    return Buffer.concat([changed[0] ?? topic, Uint8Array.of(0), changed[1] ?? payload]);
  },
};

const publishOf = (topic: string, message: Message): Uint8Array =>
  Buffer.concat([Buffer.from(topic), Uint8Array.of(0), encodeFrame(message)]);

async function open(): Promise<Rig> {
  const link = new FakeLink([], mosquittoLimits);
  let onStray: (topic: string, payload: Uint8Array) => void = () => {};
  const { cloud, assertNoDefect, close } = await openCloud((stray) => {
    onStray = stray;
    return link;
  });
  // As the MQTT link does with a publish: what names no node is a stray.
  const publish = (topic: string, payload: Uint8Array): void => {
    const address = parseTopic(topic);
    if (address?.direction === 'up') {
      link.deliver(`${address.theatreNo}/${address.nodeId}`, payload);
    } else onStray(topic, payload);
  };
  return {
    async run(input) {
      for (const part of unpackList(input)) {
        const end = part.indexOf(0);
        const topic = Buffer.from(part.subarray(0, Math.max(0, end))).toString('utf8');
        publish(topic, part.subarray(end + 1));
      }
      await settle(cloud);
      assertNoDefect();
    },
    close,
  };
}

/** The database takes one transaction after the other: behind these nothing of an input waits. */
async function settle(cloud: Awaited<ReturnType<typeof openCloud>>['cloud']): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    await cloud.context.store.transaction(() => Promise.resolve());
  }
}

const examples = messageExamples();
const theatre = upTopic(theatreNo, 'theatre');
const pull: Message = {
  type: 'pull',
  feed: 'house',
  epoch: null,
  since: 0,
  mark: null,
  credits: 4,
  maxBytes: 4096,
  accept: ['br'],
  snapshot: null,
};

export const cloudGatewayTarget: FuzzTarget = {
  name: 'cloud-gateway',
  takes: 'MQTT publishes at the cloud: topics, strays, pulls, pushes into the database',
  shape: listShape(publishShape, 8),
  words: [
    ...examples.words,
    ...['foyer', '/1/', '/up', '/down', 'all', '+', '#', '$share', 'theatre', 'gate-1', 'gate-2'],
    ...Object.values(epochs),
  ],
  seeds: () => [
    packList([publishOf(theatre, pull)]),
    packList([publishOf(theatre, { ...pull, snapshot: { head: 9, after: 'key/1' } })]),
    ...examples.all.map((message) => packList([publishOf(theatre, message)])),
    ...eventBodies.map((body) => packList([publishOf(theatre, pushOf([body], 'gate-1'))])),
    packList([publishOf(upTopic(theatreNo, 'gate-1'), pushOf(eventBodies.slice(0, 1), 'gate-1'))]),
    packList([publishOf('foyer/1/7/all/down', pull), publishOf('$SYS/broker', pull)]),
  ],
  open,
  inputsPerRig: 200,
};
