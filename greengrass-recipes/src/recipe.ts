import { z } from 'zod';

/**
 * A component recipe, format 2020-01-25, in the spelling that both nuclei read: the classic one
 * takes keys in any case, nucleus lite in this one only. It holds all that the format has; what a
 * recipe should not use although it may is for the lint rules.
 */

/** A step's script: text, or an object around it. */
const stepSchema = z.union([
  z.string().min(1),
  z.strictObject({
    Script: z.string().min(1),
    RequiresPrivilege: z.boolean().optional(),
    Skipif: z.string().optional(),
    Setenv: z.record(z.string(), z.string()).optional(),
    /** Seconds. */
    Timeout: z.int().min(1).optional(),
  }),
]);
export type LifecycleStep = z.infer<typeof stepSchema>;

/** Every step that the format knows, in the order that a nucleus runs them. */
export const stepNames = ['bootstrap', 'install', 'startup', 'run', 'shutdown', 'recover'] as const;
export type StepName = (typeof stepNames)[number];

const lifecycleSchema = z.strictObject({
  Setenv: z.record(z.string(), z.string()).optional(),
  bootstrap: stepSchema.optional(),
  install: stepSchema.optional(),
  startup: stepSchema.optional(),
  run: stepSchema.optional(),
  shutdown: stepSchema.optional(),
  recover: stepSchema.optional(),
});

const permissionSchema = z.strictObject({
  Read: z.enum(['NONE', 'OWNER', 'ALL']).optional(),
  Execute: z.enum(['NONE', 'OWNER', 'ALL']).optional(),
});

const artifactSchema = z.strictObject({
  /** `s3://BUCKET/COMPONENT/VERSION/FILE`; the file's name alone counts in a local deployment. */
  Uri: z.url().max(1024),
  Unarchive: z.enum(['NONE', 'ZIP']).optional(),
  Permission: permissionSchema.optional(),
  /** Base64; written by AWS when a component version is created. */
  Digest: z.string().optional(),
  Algorithm: z.literal('SHA-256').optional(),
});
export type Artifact = z.infer<typeof artifactSchema>;

const manifestSchema = z.strictObject({
  Name: z.string().min(1).optional(),
  Platform: z.record(z.string(), z.string()).optional(),
  Lifecycle: lifecycleSchema.optional(),
  Selections: z.array(z.string()).optional(),
  Artifacts: z.array(artifactSchema).optional(),
});
export type Manifest = z.infer<typeof manifestSchema>;

const policySchema = z.strictObject({
  policyDescription: z.string().optional(),
  operations: z.array(z.string()).min(1),
  resources: z.array(z.string()).optional(),
});
export type AccessPolicy = z.infer<typeof policySchema>;

/** Service (`aws.greengrass.ipc.pubsub`), then policy id, unique on a device. */
const accessControlSchema = z.record(z.string(), z.record(z.string(), policySchema));

const dependencySchema = z.strictObject({
  VersionRequirement: z.string().min(1),
  DependencyType: z.enum(['HARD', 'SOFT']).optional(),
});

export const componentNameSchema = z
  .string()
  .regex(/^[a-zA-Z0-9-_.]+$/)
  .max(128);

/** A semantic version without a range: `1.2.3`, `1.2.3-rc.1`. */
export const componentVersionSchema = z
  .string()
  .max(64)
  .regex(/^(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}(-[0-9A-Za-z-.]+)?(\+[0-9A-Za-z-.]+)?$/);

export const recipeSchema = z.strictObject({
  RecipeFormatVersion: z.literal('2020-01-25'),
  ComponentName: componentNameSchema,
  ComponentVersion: componentVersionSchema,
  ComponentType: z.literal('aws.greengrass.generic').optional(),
  ComponentDescription: z.string().optional(),
  ComponentPublisher: z.string().optional(),
  ComponentConfiguration: z
    .strictObject({
      DefaultConfiguration: z.looseObject({ accessControl: accessControlSchema.optional() }),
    })
    .optional(),
  ComponentDependencies: z.record(componentNameSchema, dependencySchema).optional(),
  Manifests: z.array(manifestSchema).min(1),
  Lifecycle: z.unknown().optional(),
});
export type Recipe = z.infer<typeof recipeSchema>;

/** The script of a step, whichever way it is written. */
export const scriptOf = (step: LifecycleStep): string =>
  typeof step === 'string' ? step : step.Script;
