import { provisioningTemplate, tokenExchangeRole } from './names.ts';
import type { TemplateParameters } from './template.ts';

export const nuclei = ['lite', 'classic'] as const;
export type Nucleus = (typeof nuclei)[number];

/** Where AWS IoT answers the boxes of an account. */
export interface Endpoints {
  readonly data: string;
  readonly credentials: string;
}

interface Common {
  readonly nucleus: Nucleus;
  readonly region: string;
  readonly endpoints: Endpoints;
  /** Directory on the box that holds its key, its certificate and AmazonRootCA1.pem. */
  readonly credentialsDir: string;
}

/** A box whose certificate is made, or one that claims. */
export type BoxIdentity =
  | { readonly by: 'certificate'; readonly thingName: string; readonly roleAlias: string }
  | { readonly by: 'claim'; readonly parameters: TemplateParameters };

/** Names of the files in a box's directory. */
export const boxFiles = {
  key: 'private.key',
  csr: 'device.csr',
  certificate: 'device.crt',
  rootCa: 'AmazonRootCA1.pem',
  claimKey: 'claim.key',
  claimCertificate: 'claim.crt',
} as const;

/** Where each nucleus lives on Debian. */
const rootPath: Readonly<Record<Nucleus, string>> = {
  lite: '/var/lib/greengrass',
  classic: '/greengrass/v2',
};

export const defaultCredentialsDir = (nucleus: Nucleus): string =>
  `${rootPath[nucleus]}/credentials`;

type Tree = { readonly [name: string]: string | Tree };

function nucleusService({ nucleus, region, endpoints }: Common, roleAlias: string): Tree {
  const configuration = {
    awsRegion: region,
    iotDataEndpoint: endpoints.data,
    iotCredEndpoint: endpoints.credentials,
    iotRoleAlias: roleAlias,
  };
  if (nucleus === 'classic') {
    return { 'aws.greengrass.Nucleus': { componentType: 'NUCLEUS', configuration } };
  }
  return {
    'aws.greengrass.NucleusLite': {
      componentType: 'NUCLEUS',
      configuration: { ...configuration, runWithDefault: { posixUser: 'ggc_user:ggc_group' } },
    },
  };
}

function system({ nucleus, credentialsDir }: Common, thingName: string): Tree {
  const at = (file: string): string => `${credentialsDir}/${file}`;
  const root = rootPath[nucleus];
  return {
    certificateFilePath: at(boxFiles.certificate),
    privateKeyPath: at(boxFiles.key),
    rootCaPath: at(boxFiles.rootCa),
    ...(nucleus === 'lite' ? { rootPath: root } : { rootpath: root }),
    thingName,
  };
}

function liteClaim(common: Common, parameters: TemplateParameters): Tree {
  const { region, endpoints, credentialsDir: dir } = common;
  // What the claim finds out is written here by nucleus lite itself, and must be empty before.
  const empty = {
    certificateFilePath: '',
    privateKeyPath: '',
    rootCaPath: '',
    rootPath: rootPath.lite,
    thingName: '',
  };
  const nucleus = nucleusService(
    { ...common, region, endpoints: { data: '', credentials: '' } },
    tokenExchangeRole,
  );
  return {
    system: empty,
    services: {
      ...nucleus,
      'aws.greengrass.fleet_provisioning': {
        configuration: {
          iotDataEndpoint: endpoints.data,
          iotCredEndpoint: endpoints.credentials,
          rootCaPath: `${dir}/${boxFiles.rootCa}`,
          claimKeyPath: `${dir}/${boxFiles.claimKey}`,
          claimCertPath: `${dir}/${boxFiles.claimCertificate}`,
          csrCommonName: parameters.ThingName,
          templateName: provisioningTemplate,
          templateParams: { ...parameters },
        },
      },
    },
  };
}

function classicClaim(common: Common, parameters: TemplateParameters): Tree {
  const { region, endpoints, credentialsDir: dir } = common;
  return {
    services: {
      'aws.greengrass.Nucleus': { componentType: 'NUCLEUS' },
      'aws.greengrass.FleetProvisioningByClaim': {
        configuration: {
          rootPath: rootPath.classic,
          awsRegion: region,
          iotDataEndpoint: endpoints.data,
          iotCredentialEndpoint: endpoints.credentials,
          iotRoleAlias: tokenExchangeRole,
          provisioningTemplate,
          claimCertificatePath: `${dir}/${boxFiles.claimCertificate}`,
          claimCertificatePrivateKeyPath: `${dir}/${boxFiles.claimKey}`,
          rootCaPath: `${dir}/${boxFiles.rootCa}`,
          templateParameters: { ...parameters },
        },
      },
    },
  };
}

// Names and values are quoted as JSON quotes them, which YAML reads the same.
function yaml(tree: Tree, indent: string): string {
  return Object.entries(tree)
    .map(([name, value]) =>
      typeof value === 'string'
        ? `${indent}${name}: ${JSON.stringify(value)}\n`
        : `${indent}${name}:\n${yaml(value, `${indent}  `)}`,
    )
    .join('');
}

/** The configuration that a nucleus starts with, as YAML: `config.yaml`. */
export function nucleusConfig(common: Common, identity: BoxIdentity): string {
  if (identity.by === 'certificate') {
    return yaml(
      {
        system: system(common, identity.thingName),
        services: nucleusService(common, identity.roleAlias),
      },
      '',
    );
  }
  const claim = common.nucleus === 'lite' ? liteClaim : classicClaim;
  return yaml(claim(common, identity.parameters), '');
}
