import { jsonPath } from '../finding.ts';
import { stepRule, type Rule } from '../rule.ts';

const unsupported = new Set(['shutdown', 'recover', 'bootstrap']);

const unsupportedStep = stepRule('unsupported-step', ({ name, at }) => {
  if (!unsupported.has(name)) return [];
  return [
    {
      path: jsonPath(at),
      problem: `Nucleus lite does not run ${name}, or not wholly, and says nothing.`,
      whatToDo: 'End cleanly on SIGTERM, make ready in install, and mend what is broken at start.',
    },
  ];
});

const noSkipif = stepRule('no-skipif', ({ step, at }) => {
  if (typeof step === 'string' || step.Skipif === undefined) return [];
  return [
    {
      path: jsonPath([...at, 'Skipif']),
      problem: 'Nucleus lite ignores Skipif: the step always runs.',
      whatToDo: 'Make the step harmless when it runs again.',
    },
  ];
});

const noPrivilege = stepRule('no-privilege', ({ step, at }) => {
  if (typeof step === 'string' || step.RequiresPrivilege !== true) return [];
  return [
    {
      path: jsonPath([...at, 'RequiresPrivilege']),
      problem: 'The step would run as root.',
      whatToDo: 'Leave it out: a component runs as the account that the nucleus gives it.',
    },
  ];
});

const crossConfiguration = /\{[^{}:]+:configuration:[^{}]*\}/g;

const crossComponent = stepRule('cross-component-configuration', ({ script, at }) =>
  [...script.matchAll(crossConfiguration)].map(([variable]) => ({
    path: jsonPath(at),
    problem: `Nucleus lite cuts the script at ${variable} and runs what came before it.`,
    whatToDo: 'Let the program read its own configuration from the nucleus.',
  })),
);

const knownVariables = /\{(artifacts:decompressedPath|work:path)\}/g;

const scriptVariable = stepRule('script-variable', ({ script, at }) => {
  const rest = script.replaceAll(knownVariables, '').replaceAll(crossConfiguration, '');
  if (!rest.includes('{')) return [];
  return [
    {
      path: jsonPath(at),
      problem: `Nucleus lite takes every brace for a variable: ${rest.slice(rest.indexOf('{'))}`,
      whatToDo: 'Use {artifacts:decompressedPath} and {work:path} alone, and $NAME, not ${NAME}.',
    },
  ];
});

/** Half of what nucleus lite holds a script in, 10,000 bytes: paths grow when filled in. */
const maxScriptBytes = 5_000;

const scriptSize = stepRule('script-size', ({ script, at }) => {
  if (Buffer.byteLength(script) <= maxScriptBytes) return [];
  return [
    {
      path: jsonPath(at),
      problem: `The script is over ${maxScriptBytes} bytes; nucleus lite holds 10,000 in all.`,
      whatToDo: 'Move it into a file of the zip.',
    },
  ];
});

const fetchers =
  /\b(apt|apt-get|yum|dnf|apk|snap|npm|npx|yarn|pnpm|pip|pip3|curl|wget|git|aws|docker|ssh|scp)\b/;

const offlineInstall = stepRule('offline-install', ({ name, script, at }) => {
  const found = name === 'install' ? fetchers.exec(script)?.[0] : undefined;
  if (found === undefined) return [];
  return [
    {
      path: jsonPath(at),
      problem: `The install step runs ${found}: without a network the deployment fails.`,
      whatToDo: 'Put what it fetches into the zip.',
    },
  ];
});

/** Commands that fail or add up when they run a second time. */
const notTwice: readonly { readonly found: RegExp; readonly instead: string }[] = [
  { found: /\bmkdir (?!-p\b)/, instead: 'mkdir -p' },
  { found: /\bln (?!-\w*f)/, instead: 'ln -sfn' },
  { found: /\brm (?!-\w*f)/, instead: 'rm -f' },
  { found: />>/, instead: 'a file that is written whole' },
  { found: /\b(useradd|adduser|groupadd)\b/, instead: 'the account that the nucleus gives' },
  { found: /\bmv\b/, instead: 'cp, and a rename inside the program' },
];

const idempotentInstall = stepRule('idempotent-install', ({ name, script, at }) => {
  if (name !== 'install') return [];
  return notTwice.flatMap(({ found, instead }) => {
    if (!found.test(script)) return [];
    return [
      {
        path: jsonPath(at),
        problem: `"${found.exec(script)?.[0].trim()}" cannot run twice, and install does.`,
        whatToDo: `Use ${instead}.`,
      },
    ];
  });
});

export const lifecycleRules: readonly Rule[] = [
  unsupportedStep,
  noSkipif,
  noPrivilege,
  crossComponent,
  scriptVariable,
  scriptSize,
  offlineInstall,
  idempotentInstall,
];
