import type { Box, DocumentName, FleetStatus } from '@foyer/greengrass-recipes/fleet';
import { FoyerError } from '@foyer/contracts';
import { Option, type Command } from 'commander';

import { createOutput } from '../output.ts';
import {
  abortOf,
  boxOf,
  bucketOf,
  configurationOf,
  furtherOf,
  peersOf,
  roleFrom,
  rolloutOf,
  versionOf,
  wholeNumber,
  type BoxWords,
} from './fleet-options.ts';
import { runTask, type FleetOptions } from './fleet-run.ts';

const lib = () => import('@foyer/greengrass-recipes/fleet');

const collect = (word: string, words: string[] = []): string[] => [...words, word];

/** A subcommand with what all of them take. */
function part(fleet: Command, name: string, description: string): Command {
  return fleet
    .command(name)
    .description(description)
    .option('--region <region>', 'as eu-central-1 (default: AWS_REGION, then the profile)')
    .option('--endpoint <url>', 'of something that answers in the place of AWS')
    .option('--json', 'print the summary as one JSON object on the last line');
}

const dryRun = (command: Command): Command =>
  command.option('--dry-run', 'print the exact calls and change nothing');

function registerSetup(fleet: Command): void {
  dryRun(part(fleet, 'setup', 'what an account and region need once: bucket, roles, groups'))
    .requiredOption('--bucket <name>', 'where the artifacts of components go')
    .option('--claim <directory>', 'let boxes claim; the claim certificate is kept there')
    .action(async (options: FleetOptions & { bucket: string; claim?: string }) => {
      const bucket = bucketOf(options.bucket);
      await runTask(options, async (aws, isDryRun) =>
        (await lib()).setupTask(aws, { bucket, claimDir: options.claim, dryRun: isDryRun }),
      );
    });
}

interface PolicyOptions extends FleetOptions, BoxWords {
  account?: string;
  bucket?: string;
}

async function printPolicy(name: string, options: PolicyOptions): Promise<void> {
  const { documentOf, documentNames } = await lib();
  const known: DocumentName | undefined = documentNames.find((one) => one === name);
  if (known === undefined) {
    const whatToDo = `Name one of ${documentNames.join(', ')}.`;
    throw new FoyerError('bad-request', `There is no policy "${name}".`, { whatToDo });
  }
  const needsBox = known === 'box' || known === 'websocket';
  const box: Box = needsBox ? boxOf(options) : { theatreNo: 1, nodeId: 'theatre', role: 'theatre' };
  const place = { account: options.account ?? '', region: options.region ?? '' };
  if (!/^\d{12}$/.test(place.account) || place.region === '') {
    throw new FoyerError('bad-request', 'A policy names an account and a region.', {
      whatToDo: 'Say --account with its twelve digits, and --region.',
    });
  }
  const namesBucket = ['operator', 'token-exchange', 'websocket'].includes(known);
  const bucket = namesBucket ? bucketOf(options.bucket ?? '') : '';
  const document = documentOf(known, place, bucket, box);
  const output = createOutput(options);
  output.result(document, JSON.stringify(document, null, 2));
}

function registerPolicy(fleet: Command): void {
  fleet
    .command('policy')
    .description('print a policy, for review or to put in place by hand')
    .argument('<name>', 'operator, box, cloud, claim, token-exchange, websocket, ...-trust')
    .option('--account <digits>', 'the AWS account')
    .option('--region <region>', 'as eu-central-1')
    .option('--bucket <name>', 'where the artifacts of components go')
    .option('--theatre <number>', 'of the box, for box and websocket')
    .option('--node <id>', 'the box, such as gate-1')
    .option('--json', 'on one line')
    .action(printPolicy);
}

interface ProvisionOptions extends FleetOptions, BoxWords {
  out: string;
  csr?: string;
  cloud?: boolean;
  claim?: boolean;
  websocket?: string;
  nucleus: 'lite' | 'classic';
  credentials?: string;
  peer?: string[];
}

async function provision(options: ProvisionOptions): Promise<void> {
  const { boxTask, cloudTask, defaultCredentialsDir } = await lib();
  const files = { outDir: options.out, csrFile: options.csr };
  if (options.cloud === true) {
    await runTask(options, (aws, isDryRun) => cloudTask(aws, { ...files, dryRun: isDryRun }));
    return;
  }
  const box = boxOf(options);
  const { nucleus, credentials, websocket, claim = false } = options;
  if (claim && (websocket !== undefined || options.csr !== undefined)) {
    throw new FoyerError('bad-request', '--claim goes with neither --csr nor --websocket.', {
      whatToDo: 'A box that claims makes its own request and shares the role of the account.',
    });
  }
  await runTask(options, (aws, isDryRun) =>
    boxTask(aws, {
      ...files,
      box,
      nucleus,
      claim,
      peers: peersOf(options.peer ?? []),
      credentialsDir: credentials ?? defaultCredentialsDir(nucleus),
      websocketBucket: websocket === undefined ? null : bucketOf(websocket),
      dryRun: isDryRun,
    }),
  );
}

const provisionExamples = `
On the box, or here, with a key that is made in GATE-1:
  foyer fleet provision --theatre 7 --node gate-1 --out GATE-1

From a signing request of the box; its key is never seen here:
  foyer fleet provision --theatre 7 --node gate-1 --out GATE-1 --csr gate-1.csr

A box that claims its identity by itself, after \`foyer fleet setup --claim DIR\`:
  foyer fleet provision --theatre 7 --node gate-1 --out GATE-1 --claim

The cloud's own identity:
  foyer fleet provision --cloud --out CLOUD
`;

function registerProvision(fleet: Command): void {
  dryRun(part(fleet, 'provision', 'thing, certificate, policy and groups of a box'))
    .option('--theatre <number>', 'the theatre: 1 to 65535')
    .option('--node <id>', 'the box, such as gate-1')
    .option('--role <role>', 'theatre, gate or screen (default: as --node begins, else gate)')
    .requiredOption('--out <directory>', 'for its key, certificate and configuration')
    .option('--csr <file>', 'a signing request that the box made (PEM)')
    .option('--claim', 'the box will claim its certificate: announce it')
    .option('--websocket <bucket>', 'a role of its own, to reach AWS IoT over WebSocket')
    .option('--cloud', 'the cloud worker instead of a box')
    .addOption(
      new Option('--nucleus <kind>', 'whose configuration to write')
        .choices(['lite', 'classic'])
        .default('lite'),
    )
    .option('--peer <node=url>', 'another node, as theatre=wss://10.0.7.2:8443', collect)
    .option('--credentials <directory>', 'where the files will be on the box')
    .addHelpText('after', provisionExamples)
    .action(provision);
}

function registerPublish(fleet: Command): void {
  dryRun(part(fleet, 'publish', 'upload what `foyer recipes build` made, and create versions'))
    .requiredOption('--dir <directory>', 'what `foyer recipes build --out` wrote')
    .requiredOption('--bucket <name>', 'where the artifacts go')
    .action(async (options: FleetOptions & { dir: string; bucket: string }) => {
      const bucket = bucketOf(options.bucket);
      const { nodeClock } = await import('@foyer/platform/node');
      await runTask(options, async (aws) =>
        (await lib()).publishTask(aws, { dir: options.dir, bucket }, nodeClock()),
      );
    });
}

interface DeployOptions extends FleetOptions {
  group: string;
  version: string;
  role?: string;
  with?: string[];
  without?: string[];
  config?: string;
  rollout?: string;
  abort?: string[];
  timeout?: string;
  defer?: string;
}

async function deploy(options: DeployOptions): Promise<void> {
  const { deployTask, deploymentDefaults: defaults, roleOfGroup } = await lib();
  const { group, config, rollout, abort, timeout, defer } = options;
  const role = options.role === undefined ? roleOfGroup(group) : roleFrom(options.role);
  if (role === null) {
    throw new FoyerError('bad-request', `"${group}" does not tell what its boxes are.`, {
      whatToDo: 'Say --role theatre, gate or screen.',
    });
  }
  const version = versionOf(options.version);
  const wish = {
    group,
    role,
    version,
    further: furtherOf(options.with ?? [], version),
    without: options.without ?? [],
    configuration: config === undefined ? null : configurationOf(config),
    rollout: rollout === undefined ? defaults.rollout : rolloutOf(rollout),
    aborts: abort === undefined ? defaults.aborts : abort.map(abortOf),
    timeoutMinutes:
      timeout === undefined ? defaults.timeoutMinutes : wholeNumber(timeout, 'timeout', 1, 10_080),
    deferSeconds:
      defer === undefined ? defaults.deferSeconds : wholeNumber(defer, 'defer', 0, 86_400),
  };
  await runTask(options, (aws) => deployTask(aws, wish));
}

function registerDeploy(fleet: Command): void {
  dryRun(part(fleet, 'deploy', 'a version to every box of a thing group'))
    .requiredOption('--group <name>', 'foyer-theatre, foyer-gate, foyer-screen, or your own')
    .requiredOption('--version <version>', 'as it was built, as 0.1.0; an earlier one rolls back')
    .option('--role <role>', 'theatre, gate or screen (default: as the group is called)')
    .option('--config <file>', '{"COMPONENT": {"merge": {...}, "reset": [...]}} (default: as now)')
    .option('--with <name[=version]>', 'another component, as com.foyer.Models.Faces', collect)
    .option('--without <name>', 'a component that ends', collect)
    .option('--rollout <rate>', 'default: base=5,factor=2,after=5,max=50 (boxes a minute)')
    .option('--abort <rule>', 'default: all=10%,after=5; repeat it for more rules', collect)
    .option('--timeout <minutes>', 'a box that takes longer has failed (default: 90)')
    .option('--defer <seconds>', 'how long a box may put off its update (default: 2700)')
    .action(deploy);
}

function statusText({ group, deployment, boxes }: FleetStatus): string {
  const versions = Object.entries(deployment?.versions ?? {}).map((pair) => pair.join(' '));
  const head =
    deployment === null
      ? `${group}: no deployment`
      : `${group}: ${deployment.status}: ${versions.join(', ')}`;
  const width = Math.max(0, ...boxes.map(({ thing }) => thing.length));
  const lines = boxes.map(({ thing, health, heardMs, deployment: state, components }) => {
    const heard = heardMs === null ? 'never heard' : new Date(heardMs).toISOString();
    const parts = components.map((one) => `${one.name} ${one.version} ${one.state}`);
    const name = thing.padEnd(width);
    return `  ${name}  ${health}  ${state ?? 'WAITING'}  ${heard}  ${parts.join(', ')}`;
  });
  return [head, ...lines, ...(boxes.length === 0 ? ['  no box has connected yet'] : [])].join('\n');
}

function registerStatus(fleet: Command): void {
  part(fleet, 'status', "how a group's newest deployment goes, box by box")
    .requiredOption('--group <name>', 'the thing group')
    .action(async (options: FleetOptions & { group: string }) => {
      const { connect, fleetStatus } = await lib();
      const aws = await connect(options);
      try {
        const status = await fleetStatus(aws, options.group);
        createOutput(options).result(status, statusText(status));
      } finally {
        aws.close();
      }
    });
}

function registerRevoke(fleet: Command): void {
  dryRun(part(fleet, 'revoke', 'end what a stolen or retired box may do at AWS'))
    .requiredOption('--theatre <number>', 'the theatre: 1 to 65535')
    .requiredOption('--node <id>', 'the box, such as gate-1')
    .action(async (options: FleetOptions & BoxWords) => {
      const { revokeTask, thingOf } = await lib();
      const box = boxOf(options);
      await runTask(options, (aws) => revokeTask(aws, thingOf(box)));
    });
}

/** `foyer fleet`: the boxes of all theatres as AWS IoT Greengrass sees them. */
export function registerFleet(program: Command): void {
  const fleet = program
    .command('fleet')
    .description('deploy to AWS IoT Greengrass: account, boxes, components, deployments')
    .enablePositionalOptions();
  registerSetup(fleet);
  registerPolicy(fleet);
  registerProvision(fleet);
  registerPublish(fleet);
  registerDeploy(fleet);
  registerStatus(fleet);
  registerRevoke(fleet);
}
