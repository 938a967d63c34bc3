export { NucleusServices, type ServicesOptions } from './services.ts';
export type { NucleusKind } from './behaviour.ts';
export { NucleusBox } from './box.ts';
export { readDeployment } from './deployment.ts';
export type { Deployment } from './deployment.ts';
