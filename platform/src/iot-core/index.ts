export { iotCoreClient } from './client.ts';
export type { IotCoreOptions } from './client.ts';
export type { AwsCredentials, Proof, ThingTls } from './connection.ts';
export { loadIotSdk } from './sdk.ts';
export type { IotSdk } from './sdk.ts';
export { iotCoreOpener } from './settings.ts';
export type { IotCoreDeps } from './settings.ts';
export { tokenExchangeOf } from './token-exchange.ts';
export type { TokenExchangeAddress } from './token-exchange.ts';
