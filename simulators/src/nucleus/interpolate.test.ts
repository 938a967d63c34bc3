import { expect, test } from 'vitest';

import { interpolate, type RecipeVariables } from './interpolate.ts';

const variables: RecipeVariables = {
  component: 'com.foyer.Scanner',
  version: '1.2.3',
  rootDir: '/gg',
  thingName: 'foyer-1-gate-1',
  configuration: { listen: { port: 8081 }, agentUrl: 'http://127.0.0.1:8080' },
};

test('paths, the thing and the configuration are filled in', () => {
  const script =
    'node {artifacts:decompressedPath}/x.mjs {work:path} {iot:thingName} ' +
    '{configuration:/listen/port} {configuration:/agentUrl} {configuration:/nothing}';
  const filled =
    'node /gg/packages/artifacts-unarchived/com.foyer.Scanner/1.2.3/x.mjs ' +
    '/gg/work/com.foyer.Scanner foyer-1-gate-1 8081 http://127.0.0.1:8080 {configuration:/nothing}';
  expect(interpolate(script, 'lite', variables)).toBe(filled);
  expect(interpolate(script, 'classic', variables)).toBe(filled);
});

test("at another component's variable nucleus lite cuts the script and runs what is before", () => {
  const script = 'echo one; echo {com.foyer.EdgeAgent:configuration:/node}; echo two';
  expect(interpolate(script, 'lite', variables)).toBe('echo one; echo ');
  expect(interpolate(script, 'classic', variables)).toBe(script);
});
