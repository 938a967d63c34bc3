export { catalogue } from './catalogue/index.ts';
export { readHints, rememberCaught } from './hints.ts';
export { mutantsNamed, runMutants } from './run.ts';
export type { MutantResult, MutantsOptions, MutantsReport } from './run.ts';
