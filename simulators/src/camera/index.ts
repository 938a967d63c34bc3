export { encodeJpeg, encodePng } from './export.ts';
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
