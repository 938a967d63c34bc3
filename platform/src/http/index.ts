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
export { atMostInFlight } from './in-flight.ts';
export { bodyWithin } from './body-within.ts';
export { receiveFile } from './receive-file.ts';
export type { ReceivedFile, ReceiveOptions } from './receive-file.ts';
export { localOnly, refuseForeign } from './local-only.ts';
export type { ForeignRequest, OriginHeaders } from './local-only.ts';
export { finishApp, newApp, serve } from './serve.ts';
export type { HttpBounds, HttpServer } from './serve.ts';
