import type { Call, Plan } from './calls.ts';
import { componentArn, type Place } from './names.ts';
import { contains } from './same.ts';

/** An artifact that was built, and its digest. */
export interface Artifact {
  /** Path below `artifacts/`, and the key below `artifacts/` in the bucket: NAME/VERSION/FILE. */
  readonly path: string;
  /** Where it is on this machine. */
  readonly file: string;
  readonly sizeBytes: number;
  /** Base64 of 32 bytes, as S3 writes it. */
  readonly sha256: string;
}

/** A recipe that was built; its artifacts' addresses are still those of the build. */
export interface BuiltComponent {
  readonly name: string;
  readonly version: string;
  readonly recipe: Readonly<Record<string, unknown>>;
  readonly artifacts: readonly Artifact[];
}

/** What AWS holds already. */
export interface PublishedState {
  /** SHA-256 by key in the bucket; null where S3 knows none. */
  readonly objects: ReadonlyMap<string, string | null>;
  /** ARNs of component versions that exist, and what their recipes say. */
  readonly components: ReadonlyMap<string, unknown>;
}

/** Components whose version exists with another content; a version is never changed. */
export interface Publication extends Plan {
  readonly conflicts: readonly string[];
}

export const artifactKey = ({ path }: Artifact): string => `artifacts/${path}`;

const uriOf = (bucket: string, key: string): string => `s3://${bucket}/${key}`;

type Json = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Json =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** The recipe with each artifact's address in the bucket; an artifact is known by its file name. */
export function recipeFor(bucket: string, component: BuiltComponent): Json {
  const { recipe, artifacts } = component;
  const place = (artifact: unknown): unknown => {
    if (!isRecord(artifact) || typeof artifact.Uri !== 'string') return artifact;
    const file = artifact.Uri.slice(artifact.Uri.lastIndexOf('/') + 1);
    const built = artifacts.find(({ path }) => path.endsWith(`/${file}`));
    if (built === undefined) return artifact;
    return { ...artifact, Uri: uriOf(bucket, artifactKey(built)) };
  };
  const manifests = Array.isArray(recipe.Manifests) ? recipe.Manifests : [];
  return {
    ...recipe,
    Manifests: manifests.map((manifest: unknown) => {
      if (!isRecord(manifest) || !Array.isArray(manifest.Artifacts)) return manifest;
      return { ...manifest, Artifacts: manifest.Artifacts.map(place) };
    }),
  };
}

/** Greengrass adds the digest of each artifact to the recipe that it keeps: what boxes check. */
function sameArtifacts(bucket: string, { artifacts }: BuiltComponent, stored: unknown): boolean {
  const manifests = isRecord(stored) && Array.isArray(stored.Manifests) ? stored.Manifests : [];
  const known = manifests.flatMap((manifest: unknown): unknown[] =>
    isRecord(manifest) && Array.isArray(manifest.Artifacts) ? manifest.Artifacts : [],
  );
  return artifacts.every((artifact) => {
    const uri = uriOf(bucket, artifactKey(artifact));
    return known.some((one) => isRecord(one) && one.Uri === uri && one.Digest === artifact.sha256);
  });
}

function planArtifact(bucket: string, artifact: Artifact): Call {
  return {
    operation: 's3:PutObject',
    why: `${artifact.path}, ${(artifact.sizeBytes / 1e6).toFixed(1)} MB`,
    input: {
      Bucket: bucket,
      Key: artifactKey(artifact),
      Body: { file: artifact.file },
      ContentLength: artifact.sizeBytes,
      ContentType: 'application/zip',
      ChecksumSHA256: artifact.sha256,
    },
  };
}

/** Artifacts first, then the components that name them. What is there already is not sent again. */
export function planPublication(
  place: Place,
  bucket: string,
  components: readonly BuiltComponent[],
  state: PublishedState,
): Publication {
  const calls: Call[] = [];
  const kept: string[] = [];
  const conflicts: string[] = [];
  for (const artifact of components.flatMap(({ artifacts }) => artifacts)) {
    const key = artifactKey(artifact);
    const there = state.objects.get(key);
    if (there === artifact.sha256) kept.push(uriOf(bucket, key));
    else if (there === undefined || there === null) calls.push(planArtifact(bucket, artifact));
    else conflicts.push(uriOf(bucket, key));
  }
  for (const component of components) {
    const { name, version } = component;
    const recipe = recipeFor(bucket, component);
    const stored = state.components.get(componentArn(place, name, version));
    if (stored === undefined) {
      calls.push({
        operation: 'greengrassv2:CreateComponentVersion',
        why: `${name} ${version}`,
        input: { inlineRecipe: new TextEncoder().encode(JSON.stringify(recipe)) },
      });
    } else if (!sameArtifacts(bucket, component, stored)) conflicts.push(`${name} ${version}`);
    else if (contains(stored, recipe)) kept.push(`${name} ${version}`);
    else kept.push(`${name} ${version}, whose recipe reads otherwise at AWS`);
  }
  return { calls, kept, conflicts };
}
