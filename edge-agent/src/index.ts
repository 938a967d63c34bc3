export {
  brokerAuthority,
  dropOldAuthority,
  provisionMqtt,
  provisionNode,
  rotateAuthority,
  theatreAuthority,
} from './adapters/provisioning/index.ts';
export type {
  MqttParty,
  NodeFiles,
  Provisioned,
  ProvisionRequest,
} from './adapters/provisioning/index.ts';
export { agentConfigSchema } from './config.ts';
