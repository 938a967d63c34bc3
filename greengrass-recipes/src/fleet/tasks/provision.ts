import { FoyerError, type NodeId } from '@foyer/contracts';

import { agentSettings } from '../domain/agent-settings.ts';
import {
  certificateArn,
  certificatePem,
  planBox,
  planCloud,
  type Means,
  type ThingState,
} from '../domain/box.ts';
import {
  cloudThing,
  roleGroup,
  theatreGroup,
  thingOf,
  tokenExchangePolicy,
  tokenExchangeRole,
  type Box,
} from '../domain/names.ts';
import {
  boxFiles,
  nucleusConfig,
  type BoxIdentity,
  type Endpoints,
  type Nucleus,
} from '../domain/nucleus-config.ts';
import { sdk, type Aws } from '../adapters/clients.ts';
import { explained } from '../adapters/errors.ts';
import { identityFiles } from '../adapters/identity-files.ts';
import { readers, type Readers } from '../adapters/read.ts';
import type { Task } from './task.ts';

interface Common {
  /** Where key, certificate and the nucleus's configuration go. */
  readonly outDir: string;
  /** A signing request that the box made; its key is then never seen here. */
  readonly csrFile?: string | undefined;
  readonly dryRun: boolean;
}

export interface BoxOptions extends Common {
  readonly box: Box;
  readonly nucleus: Nucleus;
  /** Where the files will be on the box. */
  readonly credentialsDir: string;
  readonly claim: boolean;
  /** Where other nodes of the theatre may be dialled. */
  readonly peers: Readonly<Record<NodeId, string>>;
  /** The bucket of artifacts, for a box with a role of its own; else null. */
  readonly websocketBucket: string | null;
}

const names = { key: boxFiles.key, csr: boxFiles.csr, certificate: boxFiles.certificate };

/** What AWS holds of a thing; `policyName` and `groups` are those that it should have. */
export async function readThing(
  read: Readers,
  thing: string,
  groups: readonly string[],
  own: boolean,
): Promise<ThingState> {
  const exists = await read.thing(thing);
  return {
    exists,
    groups: await read.groups(groups),
    memberOf: exists ? await read.memberOf(thing) : new Set(),
    policy: await read.policy(thing),
    certificates: exists ? await read.certificates(thing) : [],
    own: own
      ? {
          role: await read.role(thing, tokenExchangePolicy),
          roleAlias: await read.roleAlias(thing),
        }
      : null,
  };
}

/** Keeps certificate and ARN once both are known. */
function keeper(files: ReturnType<typeof identityFiles>): NonNullable<Task['answered']> {
  const answers = new Map<string, string>();
  return (name, value) => {
    answers.set(name, value);
    const arn = answers.get(certificateArn);
    const pem = answers.get(certificatePem);
    if (arn !== undefined && pem !== undefined) files.keep(arn, pem);
  };
}

function claimIdentity(box: Box): BoxIdentity {
  return {
    by: 'claim',
    parameters: {
      ThingName: thingOf(box),
      RoleGroup: roleGroup(box.role),
      TheatreGroup: theatreGroup(box.theatreNo),
    },
  };
}

async function endpointsOf(read: Readers): Promise<Endpoints> {
  return {
    data: await read.endpoint('iot:Data-ATS'),
    credentials: await read.endpoint('iot:CredentialProvider'),
  };
}

/** A box, from nothing to a directory of files that its nucleus starts with. */
export async function boxTask(aws: Aws, options: BoxOptions): Promise<Task> {
  const { box, outDir, nucleus, credentialsDir, websocketBucket } = options;
  const thing = thingOf(box);
  const read = readers(aws, await sdk());
  const files = identityFiles(outDir, names);
  try {
    const means: Means = options.claim
      ? { by: 'claim' }
      : { by: 'csr', ...(await files.prepare(thing, options)) };
    if (means.by === 'csr' && means.certificateArn !== null) {
      await read.heldCertificate(means.certificateArn, outDir);
    }
    const groups = [roleGroup(box.role), theatreGroup(box.theatreNo)];
    const state = await readThing(read, thing, groups, websocketBucket !== null);
    if (!state.groups.has(roleGroup(box.role))) {
      throw new FoyerError('not-found', `There is no thing group ${roleGroup(box.role)}.`, {
        whatToDo: 'Run `foyer fleet setup --bucket BUCKET` first.',
      });
    }
    const roleAlias = websocketBucket === null ? tokenExchangeRole : thing;
    const identity: BoxIdentity = options.claim
      ? claimIdentity(box)
      : { by: 'certificate', thingName: thing, roleAlias };
    const endpoints = await endpointsOf(read);
    const common = { nucleus, region: aws.place.region, endpoints, credentialsDir };
    return {
      plan: planBox(aws.place, box, websocketBucket, means, state),
      answered: keeper(files),
      finish() {
        const config = files.write('config.yaml', nucleusConfig(common, identity));
        const { peers } = options;
        const own = agentSettings({ box, endpoints, peers, websocket: websocketBucket !== null });
        const agent = files.write('agent.json', `${JSON.stringify(own, null, 2)}\n`);
        const certificate = options.claim ? [] : [`Its certificate: ${files.paths.certificate}`];
        return [
          ...certificate,
          `The configuration of its nucleus: ${config}`,
          `The settings of its agent: ${agent}`,
        ];
      },
    };
  } catch (error) {
    throw explained(error, `reading what is known of ${thing}`);
  }
}

/** The cloud worker's thing and certificate. */
export async function cloudTask(aws: Aws, options: Common): Promise<Task> {
  const read = readers(aws, await sdk());
  const files = identityFiles(options.outDir, names);
  try {
    const held = await files.prepare(cloudThing, options);
    if (held.certificateArn !== null) {
      await read.heldCertificate(held.certificateArn, options.outDir);
    }
    const state = await readThing(read, cloudThing, [], false);
    const { data } = await endpointsOf(read);
    return {
      plan: planCloud(aws.place, { by: 'csr', ...held }, state),
      answered: keeper(files),
      finish: () => [
        `Its certificate: ${files.paths.certificate}`,
        `It connects to mqtts://${data}:8883`,
      ],
    };
  } catch (error) {
    throw explained(error, `reading what is known of ${cloudThing}`);
  }
}
