import { recipeSchema } from '@foyer/greengrass-recipes';
import { expect, test } from 'vitest';

import { inOrder, type DeployedComponent } from './deployment.ts';

function component(name: string, dependencies: readonly string[]): DeployedComponent {
  const manifest = { Platform: { os: 'linux' }, Lifecycle: { run: 'true' } };
  const wants = new Map(dependencies.map((other) => [other, { VersionRequirement: '>=0.1.0' }]));
  const recipe = recipeSchema.parse({
    RecipeFormatVersion: '2020-01-25',
    ComponentName: name,
    ComponentVersion: '0.1.0',
    ComponentDependencies: Object.fromEntries<object>(wants),
    Manifests: [manifest],
  });
  return { name, version: '0.1.0', recipe, manifest, configuration: {}, scripts: { run: 'true' } };
}

const namesOf = (components: readonly DeployedComponent[]): string[] =>
  inOrder(components).map(({ name }) => name);

test('a component comes after what it depends on, the nucleus itself apart', () => {
  const scanner = component('scanner', ['agent', 'aws.greengrass.Nucleus']);
  const agent = component('agent', ['model']);
  expect(namesOf([scanner, agent, component('model', [])])).toEqual(['model', 'agent', 'scanner']);
});

test('a dependency that is missing, or that goes in a circle, is refused', () => {
  expect(() => namesOf([component('scanner', ['agent'])])).toThrow(/agent, which is not there/);
  expect(() => namesOf([component('a', ['b']), component('b', ['a'])])).toThrow(/by way of/);
});
