import type { FaultKinds, Draw, Details } from './fault.ts';
import { anyNode, hitsGate } from './fault.ts';

function halves({ random, nodes }: Draw): Details {
  const mixed = nodes.map((node) => ({ node, at: random.float() }));
  const order = mixed.toSorted((a, b) => a.at - b.at).map(({ node }) => node);
  const cut = 1 + random.int(order.length - 1);
  return { groups: [order.slice(0, cut), order.slice(cut)] };
}

/** Lost, doubled, reordered, late payloads; cut, one-way, clogged and flapping cables. */
export const networkFaults: FaultKinds = {
  'lan-weather': {
    weight: 3,
    brief: true,
    troublesGates: true,
    draw: ({ random }) => ({ amount: 0.02 + random.float() * 0.28 }),
    begin({ world }, { amount }) {
      const weather = { loss: amount / 2, duplication: amount, reorder: true };
      world.lan.weather = { minDelayMs: 0.3, maxDelayMs: 2 + amount * 200, ...weather };
    },
    end({ world, fine }) {
      world.lan.weather = { ...fine.lan };
    },
  },
  'lan-halves': {
    weight: 4,
    troublesGates: true,
    draw: halves,
    begin: ({ world }, { groups }) => world.lan.partition(groups),
    end: ({ world }) => world.lan.mendCuts(),
  },
  'lan-isolate': {
    weight: 3,
    troublesGates: hitsGate,
    draw: anyNode,
    begin({ world }, { node }) {
      for (const other of world.nodes.keys()) world.lan.setCut(node, other, true);
    },
    end: ({ world }) => world.lan.mendCuts(),
  },
  'lan-one-way': {
    weight: 3,
    troublesGates: true,
    draw({ random, nodes }) {
      const node = random.pick(nodes);
      return { node, other: random.pick(nodes.filter((one) => one !== node)) };
    },
    begin: ({ world }, { node, other }) => world.lan.setDeaf(node, other, true),
    end: ({ world }, { node, other }) => world.lan.setDeaf(node, other, false),
  },
  'lan-flap': {
    weight: 2,
    brief: true,
    troublesGates: hitsGate,
    draw: (draw) => ({ ...anyNode(draw), amount: 200 + draw.random.int(1500) }),
    begin(run, { node, amount, endMs }) {
      const flip = (cut: boolean): void => {
        for (const other of run.world.nodes.keys()) run.world.lan.setCut(node, other, cut);
        if (run.world.runMs + amount < endMs) run.at(run.world.runMs + amount, () => flip(!cut));
      };
      flip(true);
    },
    end: ({ world }) => world.lan.mendCuts(),
  },
  'lan-clog': {
    weight: 3,
    troublesGates: hitsGate,
    draw: (draw) => ({ ...anyNode(draw), amount: 30 + draw.random.int(400) }),
    begin: ({ world }, { node, amount }) => world.lan.setClog(node, amount),
    end: ({ world }, { node }) => world.lan.setClog(node, 0),
  },
  'wan-cut': {
    weight: 3,
    troublesGates: false,
    draw: () => ({}),
    begin: ({ world, cables }) => world.wan.setCable(cables.theatre, false),
    end: ({ world, cables }) => world.wan.setCable(cables.theatre, true),
  },
  'wan-flap': {
    weight: 2,
    brief: true,
    troublesGates: false,
    draw: ({ random }) => ({ amount: 300 + random.int(2000) }),
    begin(run, { amount, endMs }) {
      const flip = (plugged: boolean): void => {
        run.world.wan.setCable(run.cables.theatre, plugged);
        const nextMs = run.world.runMs + amount;
        if (nextMs < endMs) run.at(nextMs, () => flip(!plugged));
      };
      flip(false);
    },
    end: ({ world, cables }) => world.wan.setCable(cables.theatre, true),
  },
  'wan-weather': {
    weight: 3,
    brief: true,
    troublesGates: false,
    draw: ({ random }) => ({ amount: 0.05 + random.float() * 0.35 }),
    begin({ world }, { amount }) {
      const weather = { loss: amount / 2, duplication: amount, reorder: true };
      world.wan.weather = { minDelayMs: 20, maxDelayMs: 80 + amount * 3000, ...weather };
    },
    end({ world, fine }) {
      world.wan.weather = { ...fine.wan };
    },
  },
  'broker-restart': {
    weight: 2,
    troublesGates: false,
    draw: () => ({}),
    begin: ({ world }) => world.wan.kill(false),
    end: ({ world }) => world.wan.start(),
  },
  'broker-amnesia': {
    weight: 3,
    troublesGates: false,
    draw: () => ({}),
    begin: ({ world }) => world.wan.kill(true),
    end: ({ world }) => world.wan.start(),
  },
  'session-lost': {
    weight: 2,
    troublesGates: false,
    draw: ({ random }) => ({ amount: random.int(2) }),
    begin({ world, cables }, { amount }) {
      const name = amount === 0 ? cables.theatre : cables.cloud;
      world.wan.setCable(name, false);
    },
    end({ world, cables }, { amount }) {
      const name = amount === 0 ? cables.theatre : cables.cloud;
      world.wan.loseSession(name);
      world.wan.setCable(name, true);
    },
  },
};
