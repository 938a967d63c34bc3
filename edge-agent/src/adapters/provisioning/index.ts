export { dropOldAuthority, rotateAuthority } from './authority.ts';
export { brokerAuthority, provisionMqtt, provisionNode, theatreAuthority } from './files.ts';
export type { MqttParty, NodeFiles, Provisioned, ProvisionRequest } from './files.ts';
