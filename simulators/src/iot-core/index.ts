export { startIotCore } from './stand-in.ts';
export type { IotCore, IotCoreOptions } from './stand-in.ts';
export type { IotPolicy, Principal } from './policy.ts';
