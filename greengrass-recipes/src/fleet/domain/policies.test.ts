import { downTopic, echoTopic, thingName, upTopic } from '@foyer/contracts';
import { expect, test } from 'vitest';

import type { Box } from './names.ts';
import {
  boxPolicy,
  claimingPolicy,
  cloudPolicy,
  documentNames,
  documentOf,
  maxIotPolicyChars,
  tokenExchangeDocument,
  websocketDocument,
  type PolicyDocument,
} from './policies.ts';

const place = { account: '111122223333', region: 'eu-central-1' };
const gate1: Box = { theatreNo: 7, nodeId: 'gate-1', role: 'gate' };
const iot = 'arn:aws:iot:eu-central-1:111122223333';

const list = (value: string | readonly string[] | undefined): readonly string[] =>
  typeof value === 'string' ? [value] : (value ?? []);

/** As AWS decides: `*` stands for anything, a Deny wins, what is not allowed is refused. */
function allows({ Statement }: PolicyDocument, action: string, resource: string): boolean {
  const fits = (pattern: string): boolean =>
    new RegExp(`^${pattern.split('*').map(quoted).join('.*')}$`).test(resource);
  const effects = Statement.filter(
    ({ Action, Resource }) => list(Action).includes(action) && list(Resource).some(fits),
  ).map(({ Effect }) => Effect);
  return effects.includes('Allow') && !effects.includes('Deny');
}

const quoted = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

const box = boxPolicy(place, gate1, 'FoyerTokenExchange');

test('a box speaks and listens under its own topics', () => {
  expect(allows(box, 'iot:Publish', `${iot}:topic/${upTopic(7, 'gate-1')}`)).toBe(true);
  expect(allows(box, 'iot:Publish', `${iot}:topic/${echoTopic(7, 'gate-1')}`)).toBe(true);
  for (const topic of [downTopic(7, 'gate-1'), downTopic(7, 'all'), echoTopic(7, 'gate-1')]) {
    expect(allows(box, 'iot:Subscribe', `${iot}:topicfilter/${topic}`)).toBe(true);
    expect(allows(box, 'iot:Receive', `${iot}:topic/${topic}`)).toBe(true);
  }
});

test.each([
  ['iot:Publish', `topic/${upTopic(7, 'gate-10')}`],
  ['iot:Publish', `topic/${upTopic(7, 'theatre')}`],
  ['iot:Publish', `topic/${upTopic(70, 'gate-1')}`],
  ['iot:Publish', `topic/${echoTopic(7, 'gate-2')}`],
  ['iot:Publish', `topic/${downTopic(7, 'gate-1')}`],
  ['iot:Publish', `topic/${downTopic(7, 'all')}`],
  ['iot:Publish', `topic/$aws/things/${thingName(7, 'gate-10')}/shadow/update`],
  ['iot:Subscribe', 'topicfilter/foyer/1/+/+/up'],
  ['iot:Subscribe', 'topicfilter/foyer/1/7/+/down'],
  ['iot:Subscribe', 'topicfilter/#'],
  ['iot:Receive', `topic/${downTopic(7, 'gate-2')}`],
  ['iot:Receive', `topic/${upTopic(7, 'gate-2')}`],
  ['iot:Connect', `client/${thingName(7, 'gate-10')}`],
  ['iot:Connect', `client/${thingName(7, 'theatre')}`],
  ['iot:AssumeRoleWithCertificate', 'rolealias/Other'],
])('gate-1 of theatre 7 may not %s %s', (action, resource) => {
  expect(allows(box, action, `${iot}:${resource}`)).toBe(false);
});

test.each(['', '#2', '#link'])(
  'a box connects as its thing, also as further connection "%s"',
  (end) => {
    expect(allows(box, 'iot:Connect', `${iot}:client/foyer-7-gate-1${end}`)).toBe(true);
  },
);

test('a box reaches its own shadow and its own jobs', () => {
  for (const topic of [
    'shadow/name/foyer/update',
    'jobs/notify-next',
    'greengrassv2/health/json',
  ]) {
    const resource = `${iot}:topic/$aws/things/foyer-7-gate-1/${topic}`;
    expect(allows(box, 'iot:Publish', resource)).toBe(true);
  }
});

test('the cloud hears every node, alone or in a shared subscription, and answers it', () => {
  const cloud = cloudPolicy(place);
  for (const filter of ['foyer/1/+/+/up', '$share/foyer-cloud/foyer/1/+/+/up']) {
    expect(allows(cloud, 'iot:Subscribe', `${iot}:topicfilter/${filter}`)).toBe(true);
  }
  expect(allows(cloud, 'iot:Receive', `${iot}:topic/${upTopic(7, 'theatre')}`)).toBe(true);
  expect(allows(cloud, 'iot:Publish', `${iot}:topic/${downTopic(7, 'all')}`)).toBe(true);
  expect(allows(cloud, 'iot:Publish', `${iot}:topic/${upTopic(7, 'theatre')}`)).toBe(false);
});

test('a claim certificate asks for an identity; it cannot take the connection of a box', () => {
  const claim = claimingPolicy(place);
  const topic = `${iot}:topic/$aws/provisioning-templates/foyer-node/provision/json`;
  expect(allows(claim, 'iot:Publish', topic)).toBe(true);
  expect(allows(claim, 'iot:Connect', `${iot}:client/2f1c`)).toBe(true);
  expect(allows(claim, 'iot:Connect', `${iot}:client/foyer-7-gate-1`)).toBe(false);
  expect(allows(claim, 'iot:Publish', `${iot}:topic/${upTopic(7, 'gate-1')}`)).toBe(false);
});

test('the shared role fetches artifacts; topics need a role of the box', () => {
  const shared = tokenExchangeDocument(place, 'artifacts-of-foyer');
  expect(JSON.stringify(shared)).not.toContain('"iot:');
  expect(allows(shared, 's3:GetObject', 'arn:aws:s3:::artifacts-of-foyer/artifacts/a.zip')).toBe(
    true,
  );
  expect(allows(shared, 's3:PutObject', 'arn:aws:s3:::artifacts-of-foyer/artifacts/a.zip')).toBe(
    false,
  );
  const own = websocketDocument(place, 'artifacts-of-foyer', gate1);
  expect(allows(own, 'iot:Publish', `${iot}:topic/${upTopic(7, 'gate-1')}`)).toBe(true);
  expect(allows(own, 'iot:Publish', `${iot}:topic/${upTopic(7, 'gate-2')}`)).toBe(false);
});

test("the longest names fit AWS IoT's limit for a policy", () => {
  const longest: Box = { theatreNo: 65_535, nodeId: 'g'.repeat(32), role: 'gate' };
  const far = { account: '111122223333', region: 'ap-southeast-99' };
  for (const document of [
    boxPolicy(far, longest, thingName(65_535, 'g'.repeat(32))),
    cloudPolicy(far),
    claimingPolicy(far),
  ]) {
    const text = JSON.stringify(document).replaceAll(/\s/g, '');
    expect(text.length).toBeLessThanOrEqual(maxIotPolicyChars);
  }
});

test('no document allows everything; `*` is no action, and a resource of few services', () => {
  for (const name of documentNames) {
    for (const { Action, Resource } of documentOf(name, place, 'bucket', gate1).Statement) {
      expect(list(Action)).not.toContain('*');
      for (const action of list(Action)) expect(action).not.toMatch(/:\*$/);
      if (list(Resource).includes('*')) {
        for (const action of list(Action)) expect(action).toMatch(/^(iot|greengrass|sts):/);
      }
    }
  }
});

test('ARNs name the world of their region', () => {
  const china = boxPolicy({ account: '111122223333', region: 'cn-north-1' }, gate1, 'x');
  expect(JSON.stringify(china)).toContain('arn:aws-cn:iot:cn-north-1:');
});
