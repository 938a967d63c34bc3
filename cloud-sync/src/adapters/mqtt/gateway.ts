import {
  isFoyerError,
  nodeIdSchema,
  theatreNoSchema,
  type FeedName,
  type Message,
  type MessageType,
  type NodeAddress,
  type Push,
  type TheatreNo,
} from '@foyer/contracts';
import type { Link } from '@foyer/platform';

import { refuseEvents, refuseFeed, type Refusal } from '../../domain/authority.ts';
import {
  decodeFrame,
  Egress,
  encodeFrame,
  FeedResponder,
  PieceGatherer,
  type FeedRequest,
} from '../../engine/index.ts';
import type { ServiceContext } from '../../services/context.ts';
import { DeadLetterBox } from '../../services/dead-letters.ts';
import type { Ingest } from '../../services/ingest.ts';
import type { CloudMetrics } from '../metrics.ts';
import { TheatreFeedStore } from '../store/feed-store.ts';
import { NodeDirectory } from './directory.ts';
import { Hints } from './hints.ts';

export interface GatewayOptions {
  context: ServiceContext;
  ingest: Ingest;
  metrics: CloudMetrics;
  link: Link;
}

/** Messages that are being handled; what exceeds it is dropped, and its sender sends again. */
const maxInHand = 512;
/** Pushes of one sender that wait for their turn. */
const maxQueuedPushes = 64;
const maxResponders = 10_000;
/** Senders whose messages come in pieces: those behind links that carry little. */
const maxGatherers = 1000;
/** A frame that the broker does not take for so long is given up. */
const sendTimeoutMs = 15_000;

function addressOf(peer: string): NodeAddress | null {
  const [theatre, node] = peer.split('/');
  const theatreNo = theatreNoSchema.safeParse(Number(theatre));
  const nodeId = nodeIdSchema.safeParse(node);
  if (!theatreNo.success || !nodeId.success) return null;
  return { theatreNo: theatreNo.data, nodeId: nodeId.data };
}

/** The cloud's end of the nodes' link: serves their feeds, takes their events. */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #egress: Egress;
  readonly #hints: Hints;
  readonly #letters: DeadLetterBox;
  readonly #nodes: NodeDirectory;
  readonly #responders = new Map<string, FeedResponder>();
  readonly #gatherers = new Map<string, PieceGatherer>();
  /** The end of each sender's queue of pushes, and how many wait in it. */
  readonly #queues = new Map<string, { tail: Promise<void>; length: number }>();
  readonly #inHand = new Set<Promise<void>>();
  /** Frames that wait for the link; each is ended once. */
  readonly #sending = new Set<(sent: boolean) => void>();
  #closed = false;

  constructor(options: GatewayOptions) {
    const { context, link, metrics } = options;
    this.#options = options;
    this.#egress = new Egress(link, context.clock, (dropped) =>
      context.logger.error('payload-too-large', { ...dropped }),
    );
    this.#letters = new DeadLetterBox(context);
    this.#nodes = new NodeDirectory(context);
    this.#hints = new Hints(context, (peer, frame) => {
      if (this.#egress.send('control', peer, frame)) metrics.message('out', 'hint');
    });
    link.onPayload((peer, payload) => this.#receive(peer, payload));
  }

  /** Call it after the commit that gave a feed a new head. */
  changed(theatreNo: TheatreNo, feed: FeedName): void {
    this.#hints.changed(theatreNo, feed);
  }

  /** A payload that names no node. */
  stray(topic: string, payload: Uint8Array): void {
    this.#options.metrics.refusedPayload('stray-topic', 'none');
    const message = `No node is named by the topic ${topic.slice(0, 100)}.`;
    this.#track(
      this.#letters.put({ theatreNo: 0, node: '', code: 'unparsable', message, payload }),
    );
  }

  /** Stops taking messages and waits for those in hand: what was committed is acknowledged. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#hints.close();
    for (const end of this.#sending) end(false);
    await Promise.allSettled(this.#inHand);
    this.#egress.close();
  }

  #receive(peer: string, payload: Uint8Array): void {
    if (this.#closed) return;
    this.#egress.received(payload.byteLength);
    const address = addressOf(peer);
    if (address === null) {
      this.stray(peer, payload);
      return;
    }
    if (this.#inHand.size >= maxInHand) {
      this.#options.metrics.refusedPayload('queue-full', 'none');
      return;
    }
    try {
      const frame = this.#gather(peer, payload);
      if (frame !== null) this.#dispatch(address, decodeFrame(frame), frame);
    } catch (error) {
      const code = isFoyerError(error) ? error.code : 'unparsable';
      const message = error instanceof Error ? error.message : String(error);
      this.#refuse(address, 'none', { code, message, payload });
    }
  }

  #gather(peer: string, payload: Uint8Array): Uint8Array | null {
    const gatherer = this.#gatherers.get(peer) ?? new PieceGatherer();
    const frame = gatherer.take(payload);
    if (gatherer.isIdle) this.#gatherers.delete(peer);
    else if (this.#gatherers.size < maxGatherers) this.#gatherers.set(peer, gatherer);
    return frame;
  }

  #dispatch(from: NodeAddress, message: Message, payload: Uint8Array): void {
    this.#options.metrics.message('in', message.type);
    switch (message.type) {
      case 'pull':
      case 'compare':
      case 'fetch-range':
        this.#track(this.#serve(from, message, payload));
        return;
      case 'push':
        this.#enqueue(from, message, payload);
        return;
      default:
        this.#refuse(from, message.type, {
          code: 'wrong-direction',
          message: `Nodes do not send ${message.type} to the cloud.`,
          payload,
        });
    }
  }

  async #serve(from: NodeAddress, request: FeedRequest, payload: Uint8Array): Promise<void> {
    const node = await this.#nodes.find(from.theatreNo, from.nodeId);
    const refusal = refuseFeed(node, request.feed);
    if (refusal === null) await this.#responder(from).handle(request);
    else this.#refuseNode(from, request.type, refusal, payload);
  }

  /** Pushes of one sender go in the order in which they came; those of others beside them. */
  #enqueue(from: NodeAddress, push: Push, payload: Uint8Array): void {
    const peer = `${from.theatreNo}/${from.nodeId}`;
    const queue = this.#queues.get(peer) ?? { tail: Promise.resolve(), length: 0 };
    if (queue.length >= maxQueuedPushes) {
      this.#options.metrics.refusedPayload('queue-full', 'push');
      return;
    }
    this.#queues.set(peer, queue);
    queue.length += 1;
    queue.tail = queue.tail.then(async () => {
      try {
        await this.#take(from, push, payload);
      } catch (error) {
        this.#failed('push-not-taken', from, error);
      }
      queue.length -= 1;
      if (queue.length === 0) this.#queues.delete(peer);
    });
    this.#track(queue.tail);
  }

  async #take(from: NodeAddress, push: Push, payload: Uint8Array): Promise<void> {
    const { theatreNo, nodeId } = from;
    const sender = await this.#nodes.find(theatreNo, nodeId);
    const origin = push.node === nodeId ? sender : await this.#nodes.find(theatreNo, push.node);
    const refusal = refuseEvents(sender, push, origin);
    if (refusal !== null) {
      this.#refuseNode(from, 'push', refusal, payload);
      return;
    }
    const ack = await this.#options.ingest.take(theatreNo, push);
    this.#options.metrics.message('out', 'ack');
    this.#egress.send('control', `${theatreNo}/${nodeId}`, encodeFrame(ack));
  }

  #responder({ theatreNo, nodeId }: NodeAddress): FeedResponder {
    const peer = `${theatreNo}/${nodeId}`;
    let responder = this.#responders.get(peer);
    if (responder === undefined) {
      const { store, random, logger } = this.#options.context;
      if (this.#responders.size >= maxResponders) this.#responders.clear();
      responder = new FeedResponder({
        store: new TheatreFeedStore(store, theatreNo, random),
        limits: this.#options.link.limits,
        logger,
        send: (frame) => this.#sendFeed(peer, frame),
      });
      this.#responders.set(peer, responder);
    }
    return responder;
  }

  #sendFeed(peer: string, frame: Uint8Array): Promise<boolean> {
    return new Promise((resolve) => {
      // A broker that is gone takes nothing: who asked asks again when it is back.
      const patience = this.#options.context.clock.setTimer('feed-frame', sendTimeoutMs, () => {
        end(false);
      });
      const end = (sent: boolean): void => {
        patience.cancel();
        this.#sending.delete(end);
        resolve(sent);
      };
      this.#sending.add(end);
      const queued = this.#egress.send('feed', peer, frame, () => {
        this.#options.metrics.message('out', 'feed');
        end(!this.#closed);
      });
      if (!queued) end(false);
    });
  }

  #refuseNode(from: NodeAddress, type: MessageType, code: Refusal, payload: Uint8Array): void {
    const message = `${from.nodeId} of theatre ${from.theatreNo} may not send this: ${code}.`;
    this.#refuse(from, type, { code, message, payload });
  }

  #refuse(
    from: NodeAddress,
    type: MessageType | 'none',
    letter: { code: string; message: string; payload: Uint8Array },
  ): void {
    this.#options.metrics.refusedPayload(letter.code, type);
    const { theatreNo, nodeId: node } = from;
    this.#track(this.#letters.put({ theatreNo, node, ...letter }));
  }

  #failed(event: string, from: NodeAddress, error: unknown): void {
    const { theatreNo, nodeId: node } = from;
    this.#options.context.logger.error(event, { theatreNo, node, reason: String(error) });
  }

  /** Counts work until it is done; nothing is acknowledged for work that failed. */
  #track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => {
        this.#options.context.logger.error('message-not-handled', { reason: String(error) });
      })
      .finally(() => {
        this.#inHand.delete(tracked);
        this.#options.metrics.queueDepth(this.#inHand.size);
      });
    this.#inHand.add(tracked);
    this.#options.metrics.queueDepth(this.#inHand.size);
  }
}
