/** A file of its own in a package: a program, a worker thread, or a page's script. */
export interface BundleEntry {
  /** `build/bundles/NAME.mjs`. */
  readonly name: string;
  /** From the repository's root. */
  readonly entry: string;
  readonly browser?: boolean;
}

export interface ComponentPlan {
  /** The component's name, and its recipe's in `recipes/`. */
  readonly name: string;
  /** Its packages are `PACKAGE-amd64.zip` and `PACKAGE-aarch64.zip`. */
  readonly packageName: string;
  readonly bundles: readonly BundleEntry[];
}

const check: BundleEntry = { name: 'check', entry: 'greengrass-recipes/src/check/main.ts' };

/** Every component that runs a program. */
export const componentPlans: readonly ComponentPlan[] = [
  {
    name: 'com.foyer.EdgeAgent',
    packageName: 'edge-agent',
    bundles: [check, { name: 'agent', entry: 'edge-agent/src/main.ts' }],
  },
  {
    name: 'com.foyer.Scanner',
    packageName: 'scanner',
    bundles: [
      check,
      { name: 'scanner', entry: 'scanner/src/main.ts' },
      { name: 'decode-worker', entry: 'scanner/src/adapters/decode-worker.ts' },
    ],
  },
  {
    name: 'com.foyer.SignagePlayer',
    packageName: 'signage-player',
    bundles: [
      check,
      { name: 'player', entry: 'signage-player/src/main.ts' },
      { name: 'signage-page', entry: 'signage-player/src/page/main.ts', browser: true },
    ],
  },
];

/** The recipe that all model components are made from, and their packages' name. */
export const modelRecipe = 'com.foyer.Models';
export const modelPackage = 'models';
