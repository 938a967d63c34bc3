import { isFoyerError, type Message } from '@foyer/contracts';
import { decodeFrame, encodeFrame } from '@foyer/cloud-sync/engine';
import type { Link } from '@foyer/platform';

/** A message as the version before says and understands it: without what was added since. */
function without(message: Message): Message {
  if (message.type === 'ack') {
    const { checked: _, ...ack } = message;
    return ack;
  }
  if (message.type !== 'heartbeat') return message;
  const { nextMs: _, incarnation: _mark, ...heartbeat } = message;
  return { ...heartbeat, lanes: heartbeat.lanes.map(({ hash: _head, ...lane }) => lane) };
}

/** The same link, as a program of the version before uses it. */
export function asPrevious(link: Link): Link {
  const translated = (payload: Uint8Array): Uint8Array => {
    try {
      const message = decodeFrame(payload);
      const said = without(message);
      return said === message ? payload : encodeFrame(said, 'br', link.limits.maxPayloadBytes);
    } catch (error) {
      if (isFoyerError(error)) return payload;
      throw error;
    }
  };
  return {
    limits: link.limits,
    peers: () => link.peers(),
    send: (peer, payload) => link.send(peer, translated(payload)),
    onPayload: (listener) => link.onPayload((peer, payload) => listener(peer, translated(payload))),
    onPeer: (listener) => link.onPeer(listener),
    close: () => link.close(),
  };
}
