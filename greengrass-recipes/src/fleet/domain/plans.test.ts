import { expect, test } from 'vitest';

import { planBox, planRevocation, type Means, type ThingState } from './box.ts';
import { answerOf, withAnswers, type Call } from './calls.ts';
import { deploymentDefaults, planDeployment, type DeploymentWish } from './deployment.ts';
import type { Box } from './names.ts';
import { planPolicy } from './policy-plan.ts';
import { boxPolicy, cloudPolicy } from './policies.ts';
import { printed } from './printing.ts';
import { planPublication, recipeFor, type BuiltComponent } from './publish.ts';
import { contains, same } from './same.ts';

const place = { account: '111122223333', region: 'eu-central-1' };
const box: Box = { theatreNo: 7, nodeId: 'gate-1', role: 'gate' };
const thing = 'foyer-7-gate-1';
const arn = 'arn:aws:iot:eu-central-1:111122223333:cert/abc';

const operations = (calls: readonly Call[]): string[] => calls.map(({ operation }) => operation);

const nothing: ThingState = {
  exists: false,
  groups: new Set(['foyer-gate']),
  memberOf: new Set(),
  policy: null,
  certificates: [],
  own: null,
};
const all: ThingState = {
  exists: true,
  groups: new Set(['foyer-gate', 'foyer-theatre-7']),
  memberOf: new Set(['foyer-gate', 'foyer-theatre-7']),
  policy: { document: boxPolicy(place, box, 'FoyerTokenExchange'), olderVersions: [] },
  certificates: [{ arn, active: true, policies: [thing] }],
  own: null,
};
const fresh: Means = { by: 'csr', csrPem: 'CSR', certificateArn: null };
const held: Means = { by: 'csr', csrPem: null, certificateArn: arn };

test('a box that AWS knows nothing of gets all of it, the certificate from its own request', () => {
  const { calls } = planBox(place, box, null, fresh, nothing);
  expect(operations(calls)).toEqual([
    'iot:CreateThingGroup',
    'iot:CreatePolicy',
    'iot:CreateThing',
    'iot:CreateCertificateFromCsr',
    'iot:AttachPolicy',
    'iot:AttachThingPrincipal',
    'iot:AddThingToThingGroup',
    'iot:AddThingToThingGroup',
  ]);
  expect(calls[5]?.input).toEqual({ thingName: thing, principal: answerOf('certificateArn') });
});

test('a box that is complete is left as it is', () => {
  const { calls, kept } = planBox(place, box, null, held, all);
  expect(calls).toEqual([]);
  expect(kept).toHaveLength(6);
});

test('a certificate that was made and not attached is attached, and no second one is made', () => {
  const { calls } = planBox(place, box, null, held, { ...all, certificates: [] });
  expect(operations(calls)).toEqual(['iot:AttachPolicy', 'iot:AttachThingPrincipal']);
  expect(calls[0]?.input).toEqual({ policyName: thing, target: arn });
});

test('a box that will claim gets its policy and groups, and no thing', () => {
  const { calls } = planBox(place, box, null, { by: 'claim' }, nothing);
  expect(operations(calls)).toEqual(['iot:CreateThingGroup', 'iot:CreatePolicy']);
});

test('a box with a role of its own names it in its policy', () => {
  const state = { ...nothing, own: { role: null, roleAlias: false } };
  const { calls } = planBox(place, box, 'bucket', fresh, state);
  expect(operations(calls).slice(0, 3)).toEqual([
    'iam:CreateRole',
    'iam:PutRolePolicy',
    'iot:CreateRoleAlias',
  ]);
  const policy = calls.find(({ operation }) => operation === 'iot:CreatePolicy');
  expect(JSON.stringify(policy?.input)).toContain(`rolealias/${thing}`);
});

test('revoking ends the certificate first, then membership', () => {
  const { calls } = planRevocation(thing, all);
  expect(operations(calls)).toEqual([
    'iot:UpdateCertificate',
    'iot:DetachPolicy',
    'iot:DetachThingPrincipal',
    'iot:RemoveThingFromThingGroup',
    'iot:RemoveThingFromThingGroup',
  ]);
  expect(calls[0]?.input).toEqual({ certificateId: 'abc', newStatus: 'REVOKED' });
});

test('a policy that says something else gets a new version; the oldest of five makes room', () => {
  const document = cloudPolicy(place);
  const changed = { document: {}, olderVersions: ['1', '2', '3', '4'] };
  expect(operations(planPolicy('p', document, changed).calls)).toEqual([
    'iot:DeletePolicyVersion',
    'iot:CreatePolicyVersion',
  ]);
  const few = { document: {}, olderVersions: ['1'] };
  expect(operations(planPolicy('p', document, few).calls)).toEqual(['iot:CreatePolicyVersion']);
});

const component: BuiltComponent = {
  name: 'com.foyer.Scanner',
  version: '1.2.3',
  recipe: {
    ComponentName: 'com.foyer.Scanner',
    Manifests: [{ Artifacts: [{ Uri: 's3://build/x/scanner.zip', Unarchive: 'ZIP' }] }],
  },
  artifacts: [
    {
      path: 'com.foyer.Scanner/1.2.3/scanner.zip',
      file: '/tmp/scanner.zip',
      sizeBytes: 10,
      sha256: 'SHA',
    },
  ],
};
const key = 'artifacts/com.foyer.Scanner/1.2.3/scanner.zip';
const componentArn =
  'arn:aws:greengrass:eu-central-1:111122223333:components:com.foyer.Scanner:versions:1.2.3';

test('a recipe names its artifacts in the bucket', () => {
  expect(recipeFor('b', component).Manifests).toEqual([
    { Artifacts: [{ Uri: `s3://b/${key}`, Unarchive: 'ZIP' }] },
  ]);
});

test('artifacts go first, then the component that names them', () => {
  const state = { objects: new Map(), components: new Map() };
  const { calls } = planPublication(place, 'b', [component], state);
  expect(operations(calls)).toEqual(['s3:PutObject', 'greengrassv2:CreateComponentVersion']);
});

test('what is published with the same content is not sent again', () => {
  const stored = {
    ...recipeFor('b', component),
    Manifests: [{ Artifacts: [{ Uri: `s3://b/${key}`, Unarchive: 'ZIP', Digest: 'SHA' }] }],
  };
  const state = {
    objects: new Map([[key, 'SHA']]),
    components: new Map([[componentArn, stored]]),
  };
  const { calls, conflicts, kept } = planPublication(place, 'b', [component], state);
  expect({ calls, conflicts }).toEqual({ calls: [], conflicts: [] });
  expect(kept).toEqual([`s3://b/${key}`, 'com.foyer.Scanner 1.2.3']);
});

test('a version with another artifact is a conflict, never overwritten', () => {
  const stored = { Manifests: [{ Artifacts: [{ Uri: `s3://b/${key}`, Digest: 'OTHER' }] }] };
  const state = {
    objects: new Map([[key, 'OTHER']]),
    components: new Map([[componentArn, stored]]),
  };
  const { calls, conflicts } = planPublication(place, 'b', [component], state);
  expect(calls).toEqual([]);
  expect(conflicts).toEqual([`s3://b/${key}`, 'com.foyer.Scanner 1.2.3']);
});

const wish: DeploymentWish = {
  ...deploymentDefaults,
  group: 'foyer-gate',
  role: 'gate',
  version: '1.2.3',
  further: {},
  without: [],
  configuration: null,
};

const componentsOf = (calls: readonly Call[]): unknown => {
  const [call] = calls;
  return call?.operation === 'greengrassv2:CreateDeployment' ? call.input.components : undefined;
};

test('a deployment keeps what others put into the one before, and its configuration', () => {
  const before = {
    status: 'COMPLETED',
    components: {
      'aws.greengrass.LogManager': { componentVersion: '2.3.0' },
      'com.foyer.EdgeAgent': {
        componentVersion: '1.0.0',
        configurationUpdate: { merge: '{"logLevel":"debug"}' },
      },
    },
  };
  expect(componentsOf(planDeployment(place, wish, before).calls)).toEqual({
    'aws.greengrass.LogManager': { componentVersion: '2.3.0' },
    'com.foyer.EdgeAgent': {
      componentVersion: '1.2.3',
      configurationUpdate: { merge: '{"logLevel":"debug"}' },
    },
    'com.foyer.Scanner': { componentVersion: '1.2.3' },
  });
});

test('a component ends when it is named, another one joins with its own version', () => {
  const before = {
    status: 'COMPLETED',
    components: { 'aws.greengrass.LogManager': { componentVersion: '2.3.0' } },
  };
  const changed = {
    ...wish,
    further: { 'com.foyer.Models': '4.0.0' },
    without: ['aws.greengrass.LogManager'],
  };
  expect(Object.keys(componentsOf(planDeployment(place, changed, before).calls) ?? {})).toEqual([
    'com.foyer.Models',
    'com.foyer.EdgeAgent',
    'com.foyer.Scanner',
  ]);
});

test('the same deployment is not made twice, unless the first one ended badly', () => {
  const components = {
    'com.foyer.Scanner': { componentVersion: '1.2.3' },
    'com.foyer.EdgeAgent': { componentVersion: '1.2.3' },
  };
  const again = (status: string) => planDeployment(place, wish, { status, components }).calls;
  expect(again('ACTIVE')).toEqual([]);
  expect(again('COMPLETED')).toEqual([]);
  expect(again('CANCELED')).toHaveLength(1);
  expect(again('FAILED')).toHaveLength(1);
});

test('no box is asked to put off its update when none may', () => {
  const [call] = planDeployment(place, { ...wish, deferSeconds: 0 }, null).calls;
  expect(JSON.stringify(call?.input)).toContain('"action":"SKIP_NOTIFY_COMPONENTS"');
});

test('answers are put where an input names them, and a missing one is a defect', () => {
  const input = {
    a: answerOf('arn'),
    list: [answerOf('arn'), 'plain'],
    bytes: new Uint8Array([1]),
  };
  expect(withAnswers(input, new Map([['arn', 'x']]))).toEqual({
    a: 'x',
    list: ['x', 'plain'],
    bytes: new Uint8Array([1]),
  });
  expect(() => withAnswers(input, new Map())).toThrow('no call answered arn');
});

test('a printed call shows documents as what they say, and no secret', () => {
  const key = '-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----';
  const shown = printed({
    operation: 'greengrassv2:CreateDeployment',
    why: 'test',
    input: {
      targetArn: 'arn',
      components: {
        c: {
          componentVersion: '1.0.0',
          configurationUpdate: {
            merge: JSON.stringify({ apiToken: 'hush', mqtt: { password: 'hush', key }, port: 1 }),
          },
        },
      },
    },
  });
  expect(JSON.stringify(shown)).not.toContain('hush');
  expect(JSON.stringify(shown)).not.toContain('abc');
  expect(shown.input).toMatchObject({
    components: { c: { configurationUpdate: { merge: { port: 1, apiToken: '(redacted)' } } } },
  });
});

test('same and contains compare what is said, not its order', () => {
  expect(same({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 })).toBe(true);
  expect(same({ b: [1, 2] }, { b: [2, 1] })).toBe(false);
  expect(contains({ a: { x: 1, y: 2 }, z: 0 }, { a: { x: 1 } })).toBe(true);
  expect(contains({ a: [1] }, { a: [1, 2] })).toBe(false);
});
