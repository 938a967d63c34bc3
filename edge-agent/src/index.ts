export { provisionNode } from './adapters/provisioning/index.ts';
export type { NodeFiles, Provisioned, ProvisionRequest } from './adapters/provisioning/index.ts';
