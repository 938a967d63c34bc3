import { jsonPath } from '../finding.ts';
import { manifestRule, type Rule } from '../rule.ts';

const platformRuntime = manifestRule('platform-runtime', ({ Platform }, at) => {
  if (Platform?.['runtime'] === '*') return [];
  return [
    {
      path: jsonPath([...at, 'Platform', 'runtime']),
      problem: 'Nucleus lite skips a manifest whose platform names no runtime of its own.',
      whatToDo: 'Write "runtime": "*" into the platform.',
    },
  ];
});

const artifactsPresent = manifestRule('artifacts-present', ({ Artifacts }, at) => {
  if (Artifacts !== undefined) return [];
  return [
    {
      path: jsonPath([...at, 'Artifacts']),
      problem: 'Nucleus lite fails a deployment whose manifest has no Artifacts.',
      whatToDo: 'Write "Artifacts": [] where there are none.',
    },
  ];
});

const explicitPermission = manifestRule('explicit-permission', ({ Artifacts = [] }, at) =>
  Artifacts.flatMap(({ Permission }, index) => {
    if (Permission?.Read !== undefined && Permission.Execute !== undefined) return [];
    return [
      {
        path: jsonPath([...at, 'Artifacts', index, 'Permission']),
        problem: 'The defaults differ: the classic nucleus takes 0440, nucleus lite 0755.',
        whatToDo: 'Write "Permission": {"Read": "ALL", "Execute": "NONE"}, or what is needed.',
      },
    ];
  }),
);

const unarchiveZip = manifestRule('unarchive-zip', ({ Artifacts = [] }, at) =>
  Artifacts.flatMap(({ Uri, Unarchive }, index) => {
    const isZip = Uri.toLowerCase().endsWith('.zip');
    if (isZip === (Unarchive === 'ZIP')) return [];
    return [
      {
        path: jsonPath([...at, 'Artifacts', index, 'Unarchive']),
        problem: isZip
          ? 'The zip stays packed: {artifacts:decompressedPath} will be empty.'
          : 'The nucleus unpacks zip files alone.',
        whatToDo: isZip ? 'Write "Unarchive": "ZIP".' : 'Write "Unarchive": "NONE".',
      },
    ];
  }),
);

const artifactLocation = manifestRule('artifact-location', ({ Artifacts = [] }, at, recipe) => {
  const place = `/${recipe.ComponentName}/${recipe.ComponentVersion}/`;
  return Artifacts.flatMap(({ Uri }, index) => {
    const file = Uri.slice(Uri.lastIndexOf('/') + 1);
    if (Uri.startsWith('s3://') && Uri.endsWith(`${place}${file}`) && file !== '') return [];
    return [
      {
        path: jsonPath([...at, 'Artifacts', index, 'Uri']),
        problem: 'It is not where the packages of this version are published to.',
        whatToDo: `Write s3://BUCKET/PREFIX${place}FILE.`,
      },
    ];
  });
});

const hasLifecycle = manifestRule('has-lifecycle', ({ Lifecycle }, at) => {
  const { Setenv: _, ...steps } = Lifecycle ?? {};
  if (Object.keys(steps).length > 0) return [];
  return [
    {
      path: jsonPath([...at, 'Lifecycle']),
      problem: 'Nucleus lite fails a deployment whose manifest has no lifecycle step.',
      whatToDo: 'Give it an install step, if only one that looks whether its files are there.',
    },
  ];
});

const manifestLifecycle: Rule = {
  name: 'manifest-lifecycle',
  check: ({ Lifecycle }) => {
    if (Lifecycle === undefined) return [];
    return [
      {
        path: jsonPath(['Lifecycle']),
        problem: 'Nucleus lite reads a lifecycle of the whole recipe under the key "all" only.',
        whatToDo: 'Move it into each manifest.',
      },
    ];
  },
};

export const manifestRules: readonly Rule[] = [
  platformRuntime,
  artifactsPresent,
  explicitPermission,
  unarchiveZip,
  artifactLocation,
  hasLifecycle,
  manifestLifecycle,
];
