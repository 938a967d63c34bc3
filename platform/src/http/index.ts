export { mountOperation, mountOperations } from './mount.ts';
export type {
  Handler,
  Handlers,
  MountOptions,
  OperationInput,
  OperationOutput,
  RawAnswer,
} from './mount.ts';
export { problemOf, sendProblem, statusOf } from './problem.ts';
export { finishApp, newApp, serve } from './serve.ts';
export type { HttpServer } from './serve.ts';
