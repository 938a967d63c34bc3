import { FoyerError, nodeIdSchema, roleSchema, theatreNoSchema } from '@foyer/contracts';
import type { MqttParty } from '@foyer/edge-agent';
import type { Command } from 'commander';
import type { z } from 'zod';

import { createOutput, type Output } from '../output.ts';

interface ProvisionOptions {
  theatre?: string;
  node?: string;
  role?: string;
  out?: string;
  ca?: string;
  mqtt?: boolean;
  cloud?: boolean;
  broker?: string[];
  renew?: boolean;
  rotateCa?: boolean;
  dropOldCa?: boolean;
  json?: boolean;
}

function wrongOption(name: string, detail: string): FoyerError {
  return new FoyerError('bad-request', `--${name} is wrong: ${detail}.`, {
    whatToDo: 'Run `foyer help provision` for the options.',
  });
}

function parsed<T extends z.ZodType>(
  schema: T,
  value: unknown,
  name: string,
  detail: string,
): z.infer<T> {
  const result = schema.safeParse(value);
  if (!result.success) throw wrongOption(name, detail);
  return result.data;
}

function theatreOf({ theatre }: ProvisionOptions): number {
  return parsed(theatreNoSchema, Number(theatre), 'theatre', 'give a number from 1 to 65535');
}

function nodeOf(options: ProvisionOptions): { theatreNo: number; nodeId: string } {
  const detail = 'give a lower-case letter, then up to 31 of a-z, 0-9 and -';
  const nodeId = parsed(nodeIdSchema, options.node, 'node', detail);
  return { theatreNo: theatreOf(options), nodeId };
}

function outOf({ out }: ProvisionOptions): string {
  if (out === undefined) throw wrongOption('out', "name the directory for the node's files");
  return out;
}

async function changeAuthority(options: ProvisionOptions, output: Output): Promise<void> {
  const lib = await import('@foyer/edge-agent');
  const dir = options.ca ?? options.out;
  if (dir === undefined) throw wrongOption('ca', "name the authority's directory");
  const kind =
    options.mqtt === true ? lib.brokerAuthority : lib.theatreAuthority(theatreOf(options));
  if (options.rotateCa === true) {
    const caPath = await lib.rotateAuthority(dir, kind, Date.now());
    output.progress(`A new authority signs from now on; ${caPath} holds it and the old one.`);
    output.progress('1. Copy that file over the one of every node: it is taken up within 5 s.');
    output.progress('2. Run provision --renew for every node, and bring it its files.');
    output.progress('3. Run provision --drop-old-ca, and copy the file to every node once more.');
    output.result({ caPath, rotated: true }, caPath);
    return;
  }
  const caPath = lib.dropOldAuthority(dir, kind);
  output.progress('Copy it over the one of every node: from then on the old ones are refused.');
  output.result({ caPath, dropped: true }, caPath);
}

/** Whose certificate for the MQTT link is asked for; null for one of the mesh. */
function partyOf(options: ProvisionOptions): MqttParty | null {
  if (options.broker !== undefined) return { kind: 'broker', hosts: options.broker };
  if (options.cloud === true) return { kind: 'cloud' };
  return options.mqtt === true ? { kind: 'node', ...nodeOf(options) } : null;
}

async function issue(options: ProvisionOptions, output: Output): Promise<void> {
  const { provisionMqtt, provisionNode } = await import('@foyer/edge-agent');
  const outDir = outOf(options);
  const request = { outDir, caDir: options.ca, renew: options.renew, nowMs: Date.now() };
  const role =
    options.role === undefined
      ? undefined
      : parsed(roleSchema, options.role, 'role', 'give theatre, gate or screen');
  const party = partyOf(options);
  const { createdCa, ...files } =
    party === null
      ? await provisionNode({ ...request, ...nodeOf(options), role })
      : await provisionMqtt({ ...request, party });
  if (createdCa) {
    const whose = party === null ? `theatre ${options.theatre}` : 'the broker';
    output.progress(`Made the certificate authority of ${whose} in ${options.ca ?? outDir}.`);
    output.progress('Keep its key where no node can read it: it can make any node.');
  }
  const name = options.node ?? party?.kind ?? '';
  const theatre = options.theatre === undefined ? null : Number(options.theatre);
  const text = `${name}: ${files.certPath}, ${files.keyPath}, ${files.caPath}`;
  output.result({ node: name, theatre, ...files, createdCa }, text);
}

const examples = `
A node of the mesh, once for each; the first call makes the theatre's authority:
  foyer provision --theatre 7 --node gate-1 --ca AUTHORITY --out GATE-1

The way between theatre and cloud, under an authority of the broker's own (docs/mosquitto.md):
  foyer provision --broker broker.example --ca BROKER --out BROKER
  foyer provision --cloud --ca BROKER --out CLOUD
  foyer provision --mqtt --theatre 7 --node theatre --ca BROKER --out THEATRE-7

New keys for one node, while it runs:
  foyer provision --theatre 7 --node gate-1 --ca AUTHORITY --out GATE-1 --renew

A new authority, while the theatre runs (with --mqtt: the broker's). --rotate-ca says what to copy
where before the next step:
  foyer provision --theatre 7 --ca AUTHORITY --rotate-ca
  foyer provision --theatre 7 --node gate-1 --ca AUTHORITY --out GATE-1 --renew
  foyer provision --theatre 7 --ca AUTHORITY --drop-old-ca
`;

/** `foyer provision`: certificates of nodes, broker and cloud, and the authorities behind them. */
export function registerProvision(program: Command): void {
  program
    .command('provision')
    .description('make, renew and replace the certificates of the mesh and of the MQTT link')
    .option('--theatre <number>', 'the theatre: 1 to 65535')
    .option('--node <id>', 'the node, such as gate-1')
    .option('--role <role>', 'theatre, gate or screen (default: as --node begins, else gate)')
    .option('--out <directory>', 'where the files go: a key (mode 0600), a certificate, the CA')
    .option('--ca <directory>', 'where the certificate authority is kept (default: --out)')
    .option('--mqtt', 'for the MQTT link to the cloud instead of the mesh')
    .option('--cloud', "the cloud's certificate for the MQTT link")
    .option('--broker <host...>', "the MQTT broker's certificate, for these names and addresses")
    .option('--renew', 'put a new key and certificate in the place of the present ones')
    .option('--rotate-ca', 'make a new authority beside the old one')
    .option('--drop-old-ca', 'end the change to a new authority')
    .option('--json', 'print the paths as one JSON object on the last line')
    .addHelpText('after', examples)
    .action(async (options: ProvisionOptions) => {
      const output = createOutput(options);
      const change = options.rotateCa === true || options.dropOldCa === true;
      await (change ? changeAuthority : issue)(options, output);
    });
}
