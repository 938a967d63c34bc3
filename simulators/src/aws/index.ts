export * from './stand-in.ts';
export type { Deployment, Device, World } from './world.ts';
