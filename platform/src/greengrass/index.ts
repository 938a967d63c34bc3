export { Component } from './component.ts';
export type { ComponentEvents, ComponentOptions } from './component.ts';
export { greengrassWays } from './link.ts';
export { runComponent, startAgainCode } from './run-component.ts';
export type { ComponentProgram, RunningComponent } from './run-component.ts';
export { loadIpcSdk } from './sdk.ts';
export { NucleusSession } from './session.ts';
