import { expect, test } from 'vitest';

import { allows, type IotPolicy } from './policy.ts';

const arn = (resource: string): string => `arn:aws:iot:eu-west-1:123456789012:${resource}`;

const policy: IotPolicy = {
  Statement: [
    {
      Effect: 'Allow',
      Action: 'iot:Connect',
      Resource: arn('client/${iot:Connection.Thing.ThingName}'),
    },
    {
      Effect: 'Allow',
      Action: ['iot:Publish', 'iot:Receive'],
      Resource: arn('topic/$aws/things/${iot:Connection.Thing.ThingName}/shadow/*'),
    },
    { Effect: 'Allow', Action: 'iot:Subscribe', Resource: arn('topicfilter/foyer/1/+/+/up') },
    { Effect: 'Allow', Action: 'iot:Publish', Resource: arn('topic/foyer/1/*') },
    { Effect: 'Deny', Action: 'iot:Publish', Resource: arn('topic/foyer/1/8/*') },
  ],
};
const asking = (clientId: string) => ({
  principal: { thing: 'foyer-7-theatre', policies: [policy] },
  clientId,
});
const thing = asking('foyer-7-theatre');

test.each([
  ['iot:Connect', 'foyer-7-theatre', true],
  ['iot:Connect', 'foyer-8-theatre', false],
  ['iot:Publish', '$aws/things/foyer-7-theatre/shadow/name/foyer/get', true],
  ['iot:Publish', '$aws/things/foyer-8-theatre/shadow/name/foyer/get', false],
  ['iot:Receive', '$aws/things/foyer-7-theatre/shadow/get/accepted', true],
  ['iot:Subscribe', 'foyer/1/+/+/up', true],
  ['iot:Subscribe', 'foyer/1/7/theatre/up', false],
  ['iot:Publish', 'foyer/1/7/theatre/up', true],
  ['iot:Publish', 'foyer/1/8/theatre/up', false],
] as const)('%s %s: %s', (action, name, expected) => {
  expect(allows(thing, action, name)).toBe(expected);
});

test("a thing's variables have no value under another client id", () => {
  const other = asking('foyer-7-theatre#link');
  expect(allows(other, 'iot:Connect', 'foyer-7-theatre#link')).toBe(false);
  expect(allows(other, 'iot:Publish', '$aws/things/foyer-7-theatre/shadow/get')).toBe(false);
  expect(allows(other, 'iot:Publish', 'foyer/1/7/theatre/up')).toBe(true);
});
