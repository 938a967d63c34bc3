export { encodeJpeg, encodePng } from './export.ts';
export { seededUniform } from './random.ts';
export type { Uniform } from './random.ts';
export {
  frameSize,
  framesPerSecond,
  renderFrame,
  renderFrames,
  renderRoom,
  renderSequence,
} from './render.ts';
export type { FrameRequest } from './render.ts';
export { conditions } from './scene.ts';
export type { Condition } from './scene.ts';
