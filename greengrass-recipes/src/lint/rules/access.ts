import { topicRoot } from '@foyer/contracts';

import type { AccessPolicy, Recipe } from '../../recipe.ts';
import { jsonPath, type Problem } from '../finding.ts';
import type { Rule } from '../rule.ts';

const pubsub = 'aws.greengrass.ipc.pubsub';
const mqttProxy = 'aws.greengrass.ipc.mqttproxy';

/** Nucleus lite reads the policies of one service into 4,096 bytes; keys and lists take half. */
const maxPolicyBytes = 2_000;

type CheckPolicy = (
  service: string,
  policy: AccessPolicy,
  at: readonly PropertyKey[],
) => (Problem | null)[];

const accessAt = ['ComponentConfiguration', 'DefaultConfiguration', 'accessControl'] as const;

const accessOf = (recipe: Recipe) =>
  Object.entries(recipe.ComponentConfiguration?.DefaultConfiguration.accessControl ?? {});

const policyRule = (name: string, check: CheckPolicy): Rule => ({
  name,
  check: (recipe) =>
    accessOf(recipe).flatMap(([service, policies]) =>
      Object.entries(policies)
        .flatMap(([id, policy]) => check(service, policy, [...accessAt, service, id]))
        .filter((problem) => problem !== null),
    ),
});

const eachResource = (
  { resources = [] }: AccessPolicy,
  at: readonly PropertyKey[],
  check: (resource: string) => Omit<Problem, 'path'> | null,
): (Problem | null)[] =>
  resources.map((resource, index) => {
    const found = check(resource);
    return found === null ? null : { path: jsonPath([...at, 'resources', index]), ...found };
  });

const pubsubWildcard = policyRule('pubsub-wildcard', (service, policy, at) =>
  eachResource(policy, at, (resource) =>
    service === pubsub && /[#+]/.test(resource)
      ? {
          problem: `"${resource}" is taken literally: local pub/sub has no MQTT wildcards.`,
          whatToDo: 'Use *, which stands for any text, slashes too.',
        }
      : null,
  ),
);

const wildOperation = policyRule('wild-operation', (_service, { operations }, at) =>
  operations.map((operation, index) =>
    operation.includes('*')
      ? {
          path: jsonPath([...at, 'operations', index]),
          problem: 'It allows operations that nobody named.',
          whatToDo: 'Name each operation.',
        }
      : null,
  ),
);

const wildResource = policyRule('wild-resource', (_service, policy, at) =>
  eachResource(policy, at, (resource) =>
    /^[*/#+]*$/.test(resource)
      ? {
          problem: 'It allows every topic or secret of the device.',
          whatToDo: 'Name what the component uses, by prefix at least.',
        }
      : null,
  ),
);

const ownTopics = [`${topicRoot}/`, '$aws/things/{iot:thingName}/'];

const ownTopic = policyRule('own-topic', (service, policy, at) =>
  eachResource(policy, at, (resource) =>
    service === mqttProxy && !ownTopics.some((prefix) => resource.startsWith(prefix))
      ? {
          problem: `"${resource}" is not a topic of the theatre.`,
          whatToDo: `Begin it with ${ownTopics.join(' or ')}.`,
        }
      : null,
  ),
);

// Both nuclei: a question mark, and a dollar sign before a brace, are reserved.
const resourceEscape = policyRule('resource-escape', (_service, policy, at) =>
  eachResource(policy, at, (resource) =>
    /\?|\$\{(?![*?$]\})/.test(resource.replaceAll(/\$\{[*?$]\}/g, ''))
      ? {
          problem: 'Nucleus lite refuses a deployment with ? or ${...} in a resource.',
          whatToDo: 'Write the character as ${?}, or leave it out.',
        }
      : null,
  ),
);

const policySize: Rule = {
  name: 'policy-size',
  check: (recipe) =>
    accessOf(recipe).flatMap(([service, policies]) => {
      if (Buffer.byteLength(JSON.stringify(policies)) <= maxPolicyBytes) return [];
      return [
        {
          path: jsonPath([...accessAt, service]),
          problem: `These are over ${maxPolicyBytes} bytes: nucleus lite denies all.`,
          whatToDo: 'Use fewer policies, or wildcards under a prefix.',
        },
      ];
    }),
};

export const accessRules: readonly Rule[] = [
  pubsubWildcard,
  wildOperation,
  wildResource,
  ownTopic,
  resourceEscape,
  policySize,
];
