import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { makeTempDir, removeTempDir } from '@foyer/platform/testing';
import { startAwsStandIn, type AwsStandIn } from '@foyer/simulators/aws';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { runProgram } from '../program.ts';

let dir = '';
let aws: AwsStandIn;
let out: string[] = [];
let err: string[] = [];

beforeEach(async () => {
  dir = makeTempDir('fleet-command');
  aws = await startAwsStandIn();
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'example');
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  vi.stubEnv('AWS_CONFIG_FILE', join(dir, 'none'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(dir, 'none'));
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => err.push(String(text)) > 0);
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await aws.close();
  removeTempDir(dir);
  // Every request and every answer of every test has to fit Amazon's own models.
  if (aws.violations.length > 0) throw new Error(aws.violations.join('\n'));
});

const at = (name: string): string => join(dir, name);

/** Runs one command against the stand-in; returns its exit code. */
async function fleet(line: string): Promise<number> {
  out = [];
  err = [];
  const words = line.split(' ').map((word) => (/^[A-Z]/.test(word) ? at(word) : word));
  return runProgram(['fleet', ...words, '--endpoint', aws.url]);
}

const setup = (): Promise<number> => fleet('setup --bucket foyer-artifacts');

const changes = (): string[] =>
  aws.calls
    .filter(({ refused }) => refused === null)
    .map(({ operation }) => operation)
    .filter((name) => !/:(Get|Describe|List|Head)/.test(name));

/** What `foyer recipes build --out BUILT` writes, for one component. */
function build(version: string, content = 'zip'): void {
  const name = 'com.foyer.EdgeAgent';
  mkdirSync(at('BUILT/recipes'), { recursive: true });
  mkdirSync(at(`BUILT/artifacts/${name}/${version}`), { recursive: true });
  writeFileSync(at(`BUILT/artifacts/${name}/${version}/edge-agent-amd64.zip`), content);
  for (const file of readdirSync(at('BUILT/recipes'))) removeTempDir(at(`BUILT/recipes/${file}`));
  const recipe = {
    RecipeFormatVersion: '2020-01-25',
    ComponentName: name,
    ComponentVersion: version,
    Manifests: [
      {
        Platform: { os: 'linux', runtime: '*' },
        Artifacts: [{ Uri: `s3://build/${name}/${version}/edge-agent-amd64.zip` }],
      },
    ],
  };
  writeFileSync(at(`BUILT/recipes/${name}-${version}.json`), JSON.stringify(recipe));
}

test('setup makes what an empty account lacks, and finds all of it the second time', async () => {
  expect(await fleet('setup --bucket foyer-artifacts --claim CLAIM')).toBe(0);
  expect(out.join('')).toContain('15 calls made in account 111122223333, eu-central-1.');
  expect(aws.world.buckets.get('foyer-artifacts')?.private).toBe(true);
  expect([...aws.world.groups.keys()]).toEqual(['foyer-theatre', 'foyer-gate', 'foyer-screen']);
  expect(statSync(at('CLAIM/claim.key')).mode & 0o777).toBe(0o600);
  const before = changes().length;
  expect(await fleet('setup --bucket foyer-artifacts --claim CLAIM')).toBe(0);
  expect(out.join('')).toContain('Nothing to do');
  expect(changes()).toHaveLength(before);
});

test('a dry run prints every call with its input and changes nothing, here or at AWS', async () => {
  expect(await fleet('setup --bucket foyer-artifacts --claim CLAIM --dry-run --json')).toBe(0);
  const { calls } = JSON.parse(out.at(-1) ?? '') as {
    calls: { service: string; input: unknown }[];
  };
  expect(calls).toHaveLength(15);
  expect(calls[0]).toMatchObject({ service: 's3', input: { Bucket: 'foyer-artifacts' } });
  expect(changes()).toEqual([]);
  expect(readdirSync(dir)).toEqual([]);
});

test.each([
  'iam:CreateRole',
  's3:PutPublicAccessBlock',
  'iot:CreateThingGroup',
  'iot:CreateProvisioningTemplate',
  'iot:AttachPolicy',
])('a set-up that broke off at %s is finished by the same command', async (operation) => {
  aws.refuse(operation, 'AccessDeniedException', 1);
  expect(await fleet('setup --bucket foyer-artifacts --claim CLAIM')).toBe(1);
  expect(err.join('')).toMatch(/\d+ of 15 calls were made.*foyer fleet policy operator/);
  expect(await fleet('setup --bucket foyer-artifacts --claim CLAIM')).toBe(0);
  expect(await fleet('setup --bucket foyer-artifacts --claim CLAIM')).toBe(0);
  expect(out.join('')).toContain('Nothing to do');
  const certificates = [...aws.world.certificates.values()];
  expect(certificates.map(({ policies }) => [...policies])).toEqual([['foyer-claim']]);
});

test('a box gets a certificate for a key that never left its directory', async () => {
  await setup();
  expect(await fleet('provision --theatre 7 --node gate-1 --out GATE-1')).toBe(0);
  const certificate = new X509Certificate(readFileSync(at('GATE-1/device.crt')));
  const key = createPrivateKey(readFileSync(at('GATE-1/private.key')));
  expect(certificate.checkPrivateKey(key)).toBe(true);
  expect(JSON.stringify(aws.calls)).not.toContain('PRIVATE KEY');
  expect(readFileSync(at('GATE-1/config.yaml'), 'utf8')).toContain('thingName: "foyer-7-gate-1"');
  const [issued] = [...aws.world.certificates.values()];
  expect([...(aws.world.things.get('foyer-7-gate-1')?.principals ?? [])]).toEqual([issued?.arn]);
  expect(aws.world.groups.get('foyer-gate')?.things.has('foyer-7-gate-1')).toBe(true);
  expect(aws.world.groups.get('foyer-theatre-7')?.things.has('foyer-7-gate-1')).toBe(true);
});

test.each(['gate-1', 'theatre', 'lobby-1'])(
  '%s gets settings that its agent takes',
  async (node) => {
    await setup();
    const role = node === 'lobby-1' ? 'screen' : node.replace(/-1$/, '');
    const peer = '--peer theatre=wss://10.0.7.2:8443';
    const line = `provision --theatre 7 --node ${node} --role ${role} --out X ${peer}`;
    expect(await fleet(line)).toBe(0);
    const { loadAgentConfig } = await import('@foyer/edge-agent/app');
    const env = { FOYER_CONFIG: at('X/agent.json'), FOYER_DATA_DIR: dir };
    const own = loadAgentConfig(env).config;
    expect(own).toMatchObject({ node, role, theatreNo: 7, thing: { via: 'greengrass' } });
    expect(own.mesh.peers).toEqual({ theatre: 'wss://10.0.7.2:8443' });
    expect(own.iotCore !== undefined).toBe(role === 'theatre');
  },
);

test('a request that the box made is certified; its key is never asked for', async () => {
  await setup();
  await fleet('provision --theatre 7 --node gate-1 --out BOX --dry-run');
  const { newKeyAndRequest } = await import('@foyer/greengrass-recipes/fleet');
  const { keyPem, csrPem } = await newKeyAndRequest('gate-1');
  writeFileSync(at('Box.csr'), csrPem);
  expect(await fleet('provision --theatre 7 --node gate-1 --out BOX --csr Box.csr')).toBe(0);
  expect(readdirSync(at('BOX')).toSorted()).toEqual([
    'agent.json',
    'config.yaml',
    'device.crt',
    'device.json',
  ]);
  const certificate = new X509Certificate(readFileSync(at('BOX/device.crt')));
  expect(certificate.publicKey.export({ type: 'spki', format: 'pem' })).toBe(
    createPublicKey(keyPem).export({ type: 'spki', format: 'pem' }),
  );
});

test.each(['iot:CreateThing', 'iot:AttachPolicy', 'iot:AttachThingPrincipal'])(
  'a box whose provisioning broke off at %s gets no second certificate',
  async (operation) => {
    await setup();
    aws.refuse(operation, 'UnauthorizedException', 1);
    expect(await fleet('provision --theatre 7 --node gate-1 --out GATE-1')).toBe(1);
    expect(await fleet('provision --theatre 7 --node gate-1 --out GATE-1')).toBe(0);
    expect(aws.world.certificates.size).toBe(1);
    expect(await fleet('provision --theatre 7 --node gate-1 --out GATE-1')).toBe(0);
    expect(out.join('')).toContain('Nothing to do');
  },
);

test('a box claims by the template once, and only after it was announced', async () => {
  await fleet('setup --bucket foyer-artifacts --claim CLAIM');
  const { CreateCertificateFromCsrCommand, IoTClient, RegisterThingCommand } =
    await import('@aws-sdk/client-iot');
  const { newKeyAndRequest } = await import('@foyer/greengrass-recipes/fleet');
  const iot = new IoTClient({ endpoint: aws.url });
  const { csrPem } = await newKeyAndRequest('foyer-7-gate-2');
  const made = await iot.send(
    new CreateCertificateFromCsrCommand({ certificateSigningRequest: csrPem }),
  );
  const claim = (): Promise<unknown> =>
    iot.send(
      new RegisterThingCommand({
        templateBody: aws.world.templates.get('foyer-node')?.body,
        parameters: {
          ThingName: 'foyer-7-gate-2',
          RoleGroup: 'foyer-gate',
          TheatreGroup: 'foyer-theatre-7',
          'AWS::IoT::Certificate::Id': made.certificateId ?? '',
        },
      }),
    );
  await expect(claim()).rejects.toThrow('Policy foyer-7-gate-2 does not exist');
  expect(await fleet('provision --theatre 7 --node gate-2 --out GATE-2 --claim')).toBe(0);
  const config = readFileSync(at('GATE-2/config.yaml'), 'utf8');
  for (const name of ['ThingName: "foyer-7-gate-2"', 'RoleGroup: "foyer-gate"']) {
    expect(config).toContain(name);
  }
  await claim();
  const [, claimed] = [...aws.world.certificates.values()];
  expect([...(claimed?.policies ?? [])]).toEqual(['foyer-7-gate-2']);
  await expect(claim()).rejects.toThrow('exists');
  iot.destroy();
});

test('a revoked box is refused everything, and a new key makes it whole again', async () => {
  await setup();
  await fleet('provision --theatre 7 --node gate-1 --out GATE-1');
  expect(await fleet('revoke --theatre 7 --node gate-1')).toBe(0);
  const [certificate] = [...aws.world.certificates.values()];
  expect(certificate).toMatchObject({ status: 'REVOKED', policies: new Set() });
  expect(aws.world.groups.get('foyer-gate')?.things.size).toBe(0);
  expect(await fleet('provision --theatre 7 --node gate-1 --out GATE-1')).toBe(1);
  expect(err.join('')).toMatch(/revoked or gone.*empty directory/);
  expect(await fleet('provision --theatre 7 --node gate-1 --out GATE-1-AGAIN')).toBe(0);
});

test('a box with a role of its own gets its own alias, which its nucleus uses', async () => {
  await setup();
  const line = 'provision --theatre 7 --node theatre --out T --websocket foyer-artifacts';
  expect(await fleet(line)).toBe(0);
  expect([...aws.world.aliases.keys()]).toEqual(['FoyerTokenExchange', 'foyer-7-theatre']);
  expect(readFileSync(at('T/config.yaml'), 'utf8')).toContain('iotRoleAlias: "foyer-7-theatre"');
});

test('what is published is not sent again; another content for a version is refused', async () => {
  await setup();
  build('1.0.0');
  expect(await fleet('publish --dir BUILT --bucket foyer-artifacts')).toBe(0);
  expect(out.join('')).toContain('2 calls made');
  expect(await fleet('publish --dir BUILT --bucket foyer-artifacts')).toBe(0);
  expect(out.join('')).toContain('Nothing to do');
  build('1.0.0', 'another zip');
  expect(await fleet('publish --dir BUILT --bucket foyer-artifacts')).toBe(1);
  expect(err.join('')).toMatch(/another content: s3:.*com\.foyer\.EdgeAgent 1\.0\.0.*new version/);
});

test('a publication that broke off goes on where it stopped', async () => {
  await setup();
  build('1.0.0');
  aws.refuse('greengrassv2:CreateComponentVersion', 'AccessDeniedException', 1);
  expect(await fleet('publish --dir BUILT --bucket foyer-artifacts')).toBe(1);
  expect(err.join('')).toContain('1 of 2 calls were made');
  expect(await fleet('publish --dir BUILT --bucket foyer-artifacts')).toBe(0);
  const uploads = aws.calls.filter(({ operation }) => operation === 's3:PutObject');
  expect(uploads).toHaveLength(1);
});

test('throttled calls are tried again, a bounded number of times', async () => {
  aws.refuse('iot:CreateThingGroup', 'ThrottlingException', 2);
  expect(await setup()).toBe(0);
  aws.refuse('iot:DescribeThing', 'ThrottlingException', 1_000);
  expect(await fleet('provision --theatre 7 --node gate-1 --out GATE-1')).toBe(1);
  expect(err.join('')).toMatch(/Throttling.*Wait a minute.*\(queue-full\)/s);
  const tries = aws.calls.filter(({ operation }) => operation === 'iot:DescribeThing');
  expect(tries).toHaveLength(5);
});

async function published(version: string): Promise<void> {
  build(version);
  await fleet('publish --dir BUILT --bucket foyer-artifacts');
}

test('a deployment is made once, with its rollout; an earlier version rolls back', async () => {
  await setup();
  await published('1.0.0');
  await published('1.1.0');
  writeFileSync(at('Config.json'), '{"com.foyer.EdgeAgent":{"merge":{"logLevel":"debug"}}}');
  const line =
    'deploy --group foyer-theatre --version 1.1.0 --config Config.json ' +
    '--abort failed=20%,after=3 ' +
    '--rollout base=1,factor=1.5,after=10,max=20 --timeout 60 --defer 600';
  expect(await fleet(line)).toBe(0);
  expect(aws.world.deployments[0]?.input).toMatchObject({
    components: {
      'com.foyer.EdgeAgent': {
        componentVersion: '1.1.0',
        configurationUpdate: { merge: '{"logLevel":"debug"}' },
      },
    },
    iotJobConfiguration: {
      jobExecutionsRolloutConfig: {
        maximumPerMinute: 20,
        exponentialRate: { baseRatePerMinute: 1, incrementFactor: 1.5 },
      },
      abortConfig: { criteriaList: [{ failureType: 'FAILED', thresholdPercentage: 20 }] },
    },
    deploymentPolicies: { componentUpdatePolicy: { timeoutInSeconds: 600 } },
  });
  expect(await fleet('deploy --group foyer-theatre --version 1.1.0')).toBe(0);
  expect(out.join('')).toContain('Nothing to do');
  expect(await fleet('deploy --group foyer-theatre --version 1.0.0')).toBe(0);
  expect(aws.world.deployments).toHaveLength(2);
  expect(JSON.stringify(aws.world.deployments[1]?.input)).toContain('logLevel');
});

test('status tells of each box what it runs and when it was last heard', async () => {
  await setup();
  await published('1.0.0');
  await fleet('provision --theatre 7 --node theatre --out T');
  await fleet('deploy --group foyer-theatre --version 1.0.0');
  aws.world.devices.set('foyer-7-theatre', {
    status: 'HEALTHY',
    heardMs: Date.UTC(2026, 10, 30, 19, 5),
    components: [{ name: 'com.foyer.EdgeAgent', version: '1.0.0', state: 'RUNNING' }],
    deployment: { id: aws.world.deployments[0]?.id ?? '', status: 'COMPLETED' },
  });
  expect(await fleet('status --group foyer-theatre')).toBe(0);
  expect(out.join('')).toBe(
    'foyer-theatre: ACTIVE: com.foyer.EdgeAgent 1.0.0\n' +
      '  foyer-7-theatre  HEALTHY  COMPLETED  2026-11-30T19:05:00.000Z  ' +
      'com.foyer.EdgeAgent 1.0.0 RUNNING\n',
  );
});

test.each([
  ['setup --bucket UPPER', /--bucket is wrong/],
  ['provision --theatre 0 --node gate-1 --out X', /--theatre is wrong/],
  ['provision --theatre 7 --node Gate --out X', /--node is wrong/],
  ['provision --theatre 7 --node gate-1 --out X', /no thing group foyer-gate.*fleet setup/],
  ['provision --theatre 7 --node a --out X --claim --csr Y', /--claim goes with neither/],
  ['publish --dir NOWHERE --bucket foyer-artifacts', /holds no recipe.*foyer recipes build/],
  ['deploy --group mine --version 1.0.0', /does not tell what its boxes are.*--role/],
  ['deploy --group foyer-gate --version one', /--version is wrong/],
  ['deploy --group foyer-gate --version 1.0.0', /no thing group foyer-gate/],
  ['deploy --group foyer-gate --version 1.0.0 --abort some=5%', /--abort is wrong/],
  ['deploy --group foyer-gate --version 1.0.0 --rollout fast', /--rollout is wrong/],
  ['revoke --theatre 7 --node gate-9', /no thing foyer-7-gate-9/],
])('foyer fleet %s: says what is wrong and what to do', async (line, words) => {
  expect(await fleet(line)).toBe(1);
  expect(err.join('')).toMatch(words);
  expect(changes()).toEqual([]);
});

test('without credentials or region it says how to give them', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
  expect(await setup()).toBe(1);
  expect(err.join('')).toMatch(/Set AWS_PROFILE.*\(unauthorised\)/);
  vi.stubEnv('AWS_REGION', undefined);
  expect(await setup()).toBe(1);
  expect(err.join('')).toMatch(/--region.*\(config-invalid\)/);
});

test('AWS that cannot be reached is a link that is down', async () => {
  const { url } = aws;
  await aws.close();
  expect(await fleet('setup --bucket foyer-artifacts')).toBe(1);
  expect(err.join('')).toMatch(/Check the network.*\(link-down\)/);
  aws = await startAwsStandIn({ port: Number(new URL(url).port) });
});

test('a policy is printed for review, and a wrong name lists the right ones', async () => {
  const place = '--account 111122223333 --region eu-central-1 --bucket foyer-artifacts';
  const policy = (name: string) =>
    runProgram([
      'fleet',
      'policy',
      name,
      ...place.split(' '),
      '--theatre',
      '7',
      '--node',
      'gate-1',
    ]);
  out = [];
  expect(await policy('box')).toBe(0);
  expect(out.join('')).toContain(':topic/foyer/1/7/gate-1/up"');
  err = [];
  expect(await policy('none')).toBe(1);
  expect(err.join('')).toContain('operator, box, cloud');
});
