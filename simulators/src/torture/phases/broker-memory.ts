import { Holder } from '../holder.ts';
import { wait } from '../stage.ts';
import type { Phase } from '../stage.ts';

const wantedMessages = 2_000;
/** Of these so many are the theatre's own; then it waits for the cloud, and they are sent again. */
const ownShare = 0.1;
const longestMs = 60_000;
/** Few at a time: events that happen together go in one message. */
const fewAtATime = { perGate: 2, forgeries: true };

/** The broker is killed while it holds messages that it acknowledged and that nobody else has. */
export const brokerMemory: Phase = {
  name: 'broker-memory',
  what: 'the broker is killed with 2,000 acknowledged messages in it, and forgets them',
  share: 0,
  whyNot: () => null,
  async play(stage) {
    const { house, watch, guests, signal } = stage;
    const wanted = Math.round(wantedMessages * stage.scale);
    const end = watch.log.begin('broker-memory');
    await guests.pause();
    await house.kill('cloud');
    const holder = new Holder(house, 'foyer-cloud-away');
    try {
      await holder.begin();
      const limitMs = performance.now() + longestMs;
      while (holder.taken.messages < wanted * ownShare && performance.now() < limitMs) {
        signal.throwIfAborted();
        await guests.rush(Math.max(20, wanted / 20), signal, fewAtATime);
      }
      const sentAgain = await holder.sendAgain(wanted - holder.taken.messages, signal);
      await wait(stage, 300);
      const { messages, events } = holder.taken;
      await house.kill('broker');
      await wait(stage, 300);
      await house.revive('broker');
      const keptByBroker = await holder.comeBack();
      const acknowledged = { acknowledgedMessages: messages, acknowledgedEvents: events };
      return { ...acknowledged, sentAgain, keptByBroker };
    } finally {
      await holder.end();
      await house.revive('cloud');
      guests.begin();
      end();
    }
  },
};
