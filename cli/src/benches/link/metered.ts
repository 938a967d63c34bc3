import type { Link } from '@foyer/platform';

/** What went over a link, both ways. */
export interface LinkCounts {
  payloads: number;
  bytes: number;
  /** When the first one came, by performance.now(); null: none yet. */
  firstHeardMs: number | null;
}

/** The same link, with its payloads counted. */
export function metered(link: Link): { link: Link; counts: LinkCounts } {
  const counts: LinkCounts = { payloads: 0, bytes: 0, firstHeardMs: null };
  const count = (payload: Uint8Array): void => {
    counts.payloads += 1;
    counts.bytes += payload.byteLength;
  };
  return {
    counts,
    link: {
      get limits() {
        return link.limits;
      },
      peers: () => link.peers(),
      send(peer, payload) {
        const taken = link.send(peer, payload);
        if (taken) count(payload);
        return taken;
      },
      onPayload: (listener) =>
        link.onPayload((peer, payload) => {
          count(payload);
          counts.firstHeardMs ??= performance.now();
          listener(peer, payload);
        }),
      onPeer: (listener) => link.onPeer(listener),
      close: () => link.close(),
    },
  };
}
