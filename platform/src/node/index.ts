export * from './clock.ts';
export * from './random.ts';
export * from './logger.ts';
export * from './journal.ts';
export * from './signatures.ts';
export * from './mqtt/link.ts';
export type { MqttTls } from './mqtt/connection.ts';
export * from './mesh/link.ts';
export { identityOf, theatreOrganisation } from './mesh/identity.ts';
