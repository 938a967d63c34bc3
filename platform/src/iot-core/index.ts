export { iotCoreClient } from './client.ts';
export type { IotCoreOptions } from './client.ts';
export type { AwsCredentials, Proof, ThingTls } from './connection.ts';
export { loadIotSdk } from './sdk.ts';
export type { IotSdk } from './sdk.ts';
