export { provisionNode } from './files.ts';
export type { NodeFiles, Provisioned, ProvisionRequest } from './files.ts';
