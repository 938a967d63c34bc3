import { serveLocalApi, Agent } from '@foyer/edge-agent/app';
import { nodeClock } from '@foyer/platform/node';
import { simLogger } from '@foyer/platform/sim';

import { fixture, wordsOf } from '../examples.ts';
import { agentDepsOf, assertNoDefect } from '../rigs/agent.ts';
import { FakeLink } from '../rigs/fake-link.ts';
import { codeOf } from '../rigs/house.ts';
import { assertAnswer, exchange } from '../rigs/http-client.ts';
import { httpShape, requestOf } from '../shapes/http.ts';
import type { FuzzTarget, Rig } from '../target.ts';

const scanId = '00000009-0000-4000-8000-000000000009';
const bodies = fixture('bodies');

/** Operations of screens, each with the name of its fixtures. */
const screenBodies = [
  ['/v1/plays', 'PlaysRequest'],
  ['/v1/emergency', 'RaiseEmergency'],
  ['/v1/delays', 'DelayRequest'],
  ['/v1/commands', 'ScreenCommand'],
] as const;

async function open(): Promise<Rig> {
  const logger = simLogger(200);
  const agent = await Agent.start(
    agentDepsOf({
      node: 'gate-1',
      role: 'gate',
      clock: nodeClock(),
      logger,
      mesh: new FakeLink([]),
      serveApi: (parts) => serveLocalApi(parts, { host: '127.0.0.1', port: 0 }),
    }),
  );
  return {
    async run(input) {
      assertAnswer(await exchange(agent.port, input));
      assertNoDefect(logger);
    },
    close: () => agent.close(),
  };
}

export const localApiTarget: FuzzTarget = {
  name: 'local-api',
  takes: 'raw HTTP at the local API of a gate: request line, headers, paths, JSON bodies',
  shape: httpShape,
  words: [
    ...['v1', 'scans', 'passages', 'annulments', 'shows', 'status', 'events', 'metrics', 'healthz'],
    ...['signage', 'plays', 'screens', 'emergency', 'delays', 'queue', 'commands', 'result'],
    ...wordsOf([...(bodies.get('ScanRequest') ?? []), ...(bodies.get('PassageRequest') ?? [])]),
  ],
  seeds: () => [
    requestOf('POST', '/v1/scans', { scanId, text: codeOf(1) }),
    requestOf('POST', '/v1/scans', { scanId, text: codeOf(1), peek: true, override: true }),
    ...(bodies.get('ScanRequest') ?? []).map((body) => requestOf('POST', '/v1/scans', body)),
    ...(bodies.get('PassageRequest') ?? []).map((body) => requestOf('POST', '/v1/passages', body)),
    requestOf('POST', '/v1/annulments', { scanId, reason: 'mistake' }),
    ...screenBodies.flatMap(([path, name]) =>
      (bodies.get(name) ?? []).map((body) => requestOf('POST', path, body)),
    ),
    requestOf('POST', '/v1/queue', { waiting: 4 }),
    ...['shows', 'status', 'events', 'signage', 'screens', 'emergency'].map((path) =>
      requestOf('GET', `/v1/${path}`),
    ),
    requestOf('GET', '/v1/events', undefined, { 'last-event-id': '5' }),
    requestOf('GET', '/metrics'),
    requestOf('GET', '/healthz'),
  ],
  open,
  inputsPerRig: 2000,
};
