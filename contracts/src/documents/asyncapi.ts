import { allUpFilter } from '../topics.ts';
import { messageSchema, type MessageType } from '../message.ts';
import { protocolVersion } from '../protocol-version.ts';
import { namedSchemas, nameOf, reachableNames, type JsonObject } from './json-schemas.ts';

type ChannelName = 'up' | 'down' | 'all' | 'mesh';

/**
 * Which messages go where. A mesh carries a gate's feed and outbox, too: one protocol, used twice.
 */
const channelsOf: Record<MessageType, readonly ChannelName[]> = {
  hint: ['down', 'all', 'mesh'],
  pull: ['up', 'mesh'],
  chunk: ['down', 'mesh'],
  snapshot: ['down', 'mesh'],
  compare: ['up', 'mesh'],
  compared: ['down', 'mesh'],
  'fetch-range': ['up', 'mesh'],
  'range-rows': ['down', 'mesh'],
  push: ['up', 'mesh'],
  ack: ['down', 'mesh'],
  hello: ['mesh'],
  heartbeat: ['mesh'],
  'vote-ask': ['mesh'],
  vote: ['mesh'],
  'vote-release': ['mesh'],
  'attempt-ask': ['mesh'],
  'recover-ask': ['mesh'],
  recover: ['mesh'],
  'live-state': ['mesh'],
  'screen-command': ['mesh'],
  'screen-command-result': ['mesh'],
};

const node = {
  theatreNo: { description: 'Number of the theatre, 1..65535.' },
  nodeId: { description: 'Node of the theatre; also the name in its certificate.' },
};

const channels: Record<ChannelName, JsonObject> = {
  up: {
    address: 'foyer/1/{theatreNo}/{nodeId}/up',
    description: `A node to the cloud, QoS 1. The cloud subscribes to ${allUpFilter}.`,
    parameters: node,
  },
  down: {
    address: 'foyer/1/{theatreNo}/{nodeId}/down',
    description: 'The cloud to a node, QoS 1.',
    parameters: node,
  },
  all: {
    address: 'foyer/1/{theatreNo}/all/down',
    description: 'The cloud to every node of a theatre, QoS 1.',
    parameters: { theatreNo: node.theatreNo },
  },
  mesh: {
    address: null,
    description:
      'Any node of a theatre to any other: binary WebSocket messages under mutual TLS. ' +
      'The sender is who its certificate says.',
  },
};

const frame =
  'On the wire a message is a frame: byte 0 the protocol version; byte 1 the coding of the body ' +
  '(0 JSON in UTF-8, 1 the same compressed with brotli); bytes 2-5 the CRC-32 of the body ' +
  'as it is ' +
  'sent, big-endian; then the body.';

function messageNames(): Record<string, string> {
  const named = messageSchema.options.map((option) => {
    const name = nameOf(option);
    if (name === null) throw new Error('A message schema is not exported by name.');
    return [option.shape.type.value, name];
  });
  return Object.fromEntries(named) as Record<string, string>;
}

function typesOn(channel: ChannelName): string[] {
  return Object.entries(channelsOf)
    .filter(([, where]) => where.includes(channel))
    .map(([type]) => type);
}

function operationOf(channel: ChannelName): JsonObject {
  return {
    action: 'send',
    channel: { $ref: `#/channels/${channel}` },
    messages: typesOn(channel).map((type) => ({ $ref: `#/channels/${channel}/messages/${type}` })),
  };
}

/** The AsyncAPI 3.0 document of everything that links carry. */
export function asyncApiDocument(): JsonObject {
  const names = messageNames();
  const messages = Object.fromEntries(
    Object.entries(names).map(([type, name]) => [
      type,
      { name: type, title: name, payload: { $ref: `#/components/schemas/${name}` } },
    ]),
  );
  const all = namedSchemas('draft-07');
  const channelNames = Object.keys(channels) as ChannelName[];
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Foyer: what links carry',
      version: String(protocolVersion),
      description: frame,
    },
    defaultContentType: 'application/octet-stream',
    channels: Object.fromEntries(
      channelNames.map((channel) => [
        channel,
        {
          ...channels[channel],
          messages: Object.fromEntries(
            typesOn(channel).map((type) => [type, { $ref: `#/components/messages/${type}` }]),
          ),
        },
      ]),
    ),
    operations: Object.fromEntries(
      channelNames.map((channel) => [`${channel}Send`, operationOf(channel)]),
    ),
    components: {
      messages,
      schemas: Object.fromEntries(reachableNames(messages, all).map((name) => [name, all[name]])),
    },
  };
}
