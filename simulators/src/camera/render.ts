import type { Luminance } from '@foyer/scanner';

import { blur, smear } from './filters.ts';
import type { Bounds, Light } from './filters.ts';
import { crackPage, drawPage, screenMm } from './page.ts';
import type { Page } from './page.ts';
import { apply, focalPx, invert, project } from './projection.ts';
import type { Homography } from './projection.ts';
import { between, normalTable, seededUniform } from './random.ts';
import type { Uniform } from './random.ts';
import { sceneAt, sceneFor, shakeFor } from './scene.ts';
import type { Condition, Glare, Scene } from './scene.ts';

/** The frame that a gate's camera gives. */
export const frameSize = { width: 640, height: 480 } as const;

/** Frames a second of a sequence. */
export const framesPerSecond = 15;

const bodyMm = { halfWidth: 36, halfHeight: 75, corner: 8 } as const;
const gamma = 1 / 2.2;
const toneSteps = 4096;
const tones = Uint8Array.from({ length: toneSteps + 1 }, (_, index) =>
  Math.round(255 * (index / toneSteps) ** gamma),
);

/** What to draw. */
export interface FrameRequest {
  /** What the ticket's code says; undefined: a phone that shows no code. */
  readonly text?: string | undefined;
  readonly condition: Condition;
  /** The same request with the same seed gives the same pixels. */
  readonly seed: number;
  readonly width?: number;
  readonly height?: number;
}

interface Guest {
  readonly page: Page;
  readonly scene: Scene;
  readonly room: Float32Array;
  readonly uniform: Uniform;
}

function makeGuest(request: FrameRequest): Guest {
  const uniform = seededUniform(request.seed);
  const page = drawPage(request.text, uniform, request.condition === 'dark-mode');
  if (request.condition === 'cracked') crackPage(page, uniform);
  const scene = sceneFor(request.condition, uniform);
  return { page, scene, room: drawRoom(uniform), uniform };
}

const roomGrid = { width: 21, height: 16 } as const;

// A dim foyer, out of focus: a coarse grid of light that the frame stretches smoothly.
function drawRoom(uniform: Uniform): Float32Array {
  const { width, height } = roomGrid;
  const cells = new Float32Array(width * height);
  const lamps = Array.from({ length: Math.round(between(uniform, 1, 5)) }, () => ({
    x: between(uniform, 0, width),
    y: between(uniform, 0, height * 0.5),
    light: between(uniform, 0.5, 3),
    size: between(uniform, 0.6, 2),
  }));
  const person = {
    x: between(uniform, 5, 16),
    y: between(uniform, 7, 12),
    size: between(uniform, 4, 7),
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let light = 0.35 + 0.5 * uniform() + 0.4 * (1 - y / height);
      const away = Math.hypot(x - person.x, (y - person.y) * 0.7) / person.size;
      light *= 1 - 0.75 / (1 + away ** 8);
      for (const lamp of lamps) {
        light += lamp.light * Math.exp(-((x - lamp.x) ** 2 + (y - lamp.y) ** 2) / lamp.size ** 2);
      }
      cells[y * width + x] = light;
    }
  }
  return cells;
}

function paintRoom(light: Light, cells: Float32Array, roomLight: number): void {
  const { data, width, height } = light;
  const cellsPerPixel = (roomGrid.width - 1) / width;
  const line = new Float32Array(roomGrid.width);
  for (let y = 0; y < height; y++) {
    const gy = (y / height) * (roomGrid.height - 1);
    const row = Math.floor(gy) * roomGrid.width;
    const fy = gy - Math.floor(gy);
    for (let column = 0; column < roomGrid.width; column++) {
      const top = cells[row + column]!;
      line[column] = roomLight * (top + (cells[row + column + roomGrid.width]! - top) * fy);
    }
    for (let x = 0; x < width; x++) {
      const gx = x * cellsPerPixel;
      const left = line[gx | 0]!;
      data[y * width + x] = left + (line[(gx | 0) + 1]! - left) * (gx - (gx | 0));
    }
  }
}

function phoneBounds(toFrame: Homography, width: number, height: number, marginPx = 0): Bounds {
  const { halfWidth, halfHeight } = bodyMm;
  const corners = [
    apply(toFrame, -halfWidth, -halfHeight),
    apply(toFrame, halfWidth, -halfHeight),
    apply(toFrame, halfWidth, halfHeight),
    apply(toFrame, -halfWidth, halfHeight),
  ];
  const clamp = (value: number, most: number): number => Math.min(most, Math.max(0, value));
  return {
    left: clamp(Math.floor(Math.min(...corners.map((corner) => corner.x)) - marginPx), width),
    right: clamp(Math.ceil(Math.max(...corners.map((corner) => corner.x))) + 1, width),
    top: clamp(Math.floor(Math.min(...corners.map((corner) => corner.y)) - marginPx), height),
    bottom: clamp(Math.ceil(Math.max(...corners.map((corner) => corner.y))) + 1, height),
  };
}

function glareAt(glare: Glare, xMm: number, yMm: number): number {
  const dx = xMm - glare.xMm;
  const dy = yMm - glare.yMm;
  if (dx * dx + dy * dy > glare.lengthMm * glare.lengthMm) return 0;
  const cos = Math.cos(glare.angle);
  const sin = Math.sin(glare.angle);
  const along = Math.abs(dx * cos + dy * sin);
  const across = Math.abs(dy * cos - dx * sin);
  const far = (along / (glare.lengthMm / 2)) ** 4 + (across / (glare.widthMm / 2)) ** 2;
  return far > 12 ? 0 : glare.strength * Math.exp(-far);
}

// A page at a size where one texel is about one pixel, so that one sample a pixel is enough.
function pageFor(page: Page, scene: Scene, frameWidth: number): Page {
  let fitting = page;
  const pixelsPerMm = focalPx(frameWidth) / scene.pose.distanceMm;
  while (fitting.width / screenMm.width > 1.7 * pixelsPerMm) fitting = halve(fitting);
  return fitting;
}

function halve(page: Page): Page {
  const width = page.width >> 1;
  const height = page.height >> 1;
  const texels = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = 2 * y * page.width + 2 * x;
      const below = at + page.width;
      const { texels: from } = page;
      texels[y * width + x] = (from[at]! + from[at + 1]! + from[below]! + from[below + 1]!) / 4;
    }
  }
  return { texels, width, height };
}

function screenTexel(page: Page, xMm: number, yMm: number): number {
  const scale = page.width / screenMm.width;
  const u = Math.max(0, (xMm + screenMm.width / 2) * scale - 0.5);
  const v = Math.max(0, (yMm + screenMm.height / 2) * scale - 0.5);
  const column = Math.min(page.width - 2, u | 0);
  const row = Math.min(page.height - 2, v | 0);
  const fu = Math.min(1, u - column);
  const fv = Math.min(1, v - row);
  const at = row * page.width + column;
  const below = at + page.width;
  const { texels } = page;
  const top = texels[at]! + (texels[at + 1]! - texels[at]!) * fu;
  const bottom = texels[below]! + (texels[below + 1]! - texels[below]!) * fu;
  return top + (bottom - top) * fv;
}

/**
 * Light from one point of the phone's plane; negative where the plane is not covered by the phone.
 */
function phoneLight(page: Page, scene: Scene, xMm: number, yMm: number): number {
  const ax = Math.abs(xMm);
  const ay = Math.abs(yMm);
  if (ax > bodyMm.halfWidth || ay > bodyMm.halfHeight) return -1;
  const inX = ax - (bodyMm.halfWidth - bodyMm.corner);
  const inY = ay - (bodyMm.halfHeight - bodyMm.corner);
  if (inX > 0 && inY > 0 && inX * inX + inY * inY > bodyMm.corner ** 2) return -1;
  // A thumb and three fingers hold the edges; they never reach the code.
  if (ax > 31 && thumbAt(xMm, yMm)) return scene.roomLight * 0.55;
  const shine = scene.veil + (scene.glare === undefined ? 0 : glareAt(scene.glare, xMm, yMm));
  if (ax > screenMm.width / 2 || ay > screenMm.height / 2) return 0.01 * scene.roomLight + shine;
  return scene.screenLight * screenTexel(page, xMm, yMm) + shine;
}

function thumbAt(xMm: number, yMm: number): boolean {
  if (xMm < 0) return ((xMm + 36) / 4.5) ** 2 + ((yMm - 38) / 13) ** 2 < 1;
  const finger = Math.min(2, Math.max(0, Math.floor((yMm - 10) / 20)));
  return ((xMm - 36) / 3.5) ** 2 + ((yMm - 20 - 20 * finger) / 8) ** 2 < 1;
}

function paintPhone(light: Light, page: Page, scene: Scene, toFrame: Homography): void {
  const { data, width, height } = light;
  const bounds = phoneBounds(toFrame, width, height);
  const [a, b, c, d, e, f, g, h, i] = invert(toFrame);
  for (let y = bounds.top; y < bounds.bottom; y++) {
    for (let x = bounds.left; x < bounds.right; x++) {
      const w = 1 / (g * x + h * y + i);
      const sample = phoneLight(page, scene, (a * x + b * y + c) * w, (d * x + e * y + f) * w);
      if (sample >= 0) data[y * width + x] = sample;
    }
  }
}

const bloomScale = 8;

// Wide scatter in the lens: a small copy of the frame, blurred, that the sensor sees as well.
function scatter(light: Light): Light {
  const width = Math.ceil(light.width / bloomScale);
  const height = Math.ceil(light.height / bloomScale);
  const small = { data: new Float32Array(width * height), width, height };
  const middle = bloomScale / 2;
  for (let y = 0; y < height; y++) {
    const row = Math.min(light.height - 1, y * bloomScale + middle) * light.width;
    for (let x = 0; x < width; x++) {
      const column = Math.min(light.width - 1, x * bloomScale + middle);
      small.data[y * width + x] = light.data[row + column]!;
    }
  }
  blur(small, 3, { left: 0, right: width, top: 0, bottom: height });
  return small;
}

const noiseSteps = 512;

// The deviation of a pixel's noise by its signal: the sensor's own, and the light's.
const noiseBySignal = ({ readNoise, shotNoise }: Scene): Float32Array =>
  Float32Array.from(
    { length: noiseSteps + 1 },
    (_, index) => readNoise + shotNoise * Math.sqrt(index / noiseSteps),
  );

function expose(light: Light, scene: Scene, uniform: Uniform): Luminance {
  const { data, width, height } = light;
  const scattered = scatter(light);
  const table = normalTable();
  const deviations = noiseBySignal(scene);
  const out = new Uint8Array(data.length);
  const mask = table.length - 1;
  const direct = scene.exposure * (1 - scene.bloom);
  const indirect = scene.exposure * scene.bloom;
  for (let row = 0; row < height; row++) {
    // Read along the table from a random place: a row's noise is its own.
    const from = Math.floor(uniform() * table.length);
    const bloomRow = Math.floor(row / bloomScale) * scattered.width;
    for (let x = 0; x < width; x++) {
      const at = row * width + x;
      const signal = data[at]! * direct + scattered.data[bloomRow + (x >> 3)]! * indirect;
      const step = signal >= 1 ? noiseSteps : (signal * noiseSteps) | 0;
      const noisy = signal + table[(from + x) & mask]! * deviations[step]!;
      out[at] = tones[noisy <= 0 ? 0 : noisy >= 1 ? toneSteps : (noisy * toneSteps + 0.5) | 0]!;
    }
  }
  return { data: out, width, height };
}

// A camera's automatic gain: a scene too dark for the lens is lifted, and its noise with it.
function withGain(scene: Scene): Scene {
  const brightest = Math.max(scene.screenLight + scene.veil, scene.roomLight * 1.5);
  const gain = Math.min(4, Math.max(1, 0.5 / brightest));
  return { ...scene, exposure: scene.exposure * gain };
}

function paint(guest: Guest, scene: Scene, size: { width: number; height: number }): Luminance {
  const light: Light = { data: new Float32Array(size.width * size.height), ...size };
  paintRoom(light, guest.room, scene.roomLight);
  const toFrame = project(scene.pose, size.width, size.height);
  paintPhone(light, pageFor(guest.page, scene, size.width), scene, toFrame);
  // The room is drawn smooth: only the phone and its edge have anything to smear or blur.
  const touched = phoneBounds(toFrame, size.width, size.height, scene.motionPx + 3 * scene.blurPx);
  const smeared = smear(light, scene.motionPx, scene.motionAngle, touched);
  blur(smeared, scene.blurPx, touched);
  return expose(smeared, withGain(scene), guest.uniform);
}

const sizeOf = (request: FrameRequest): { width: number; height: number } => ({
  width: request.width ?? frameSize.width,
  height: request.height ?? frameSize.height,
});

/** One frame of a phone held before a gate's camera. Tens of milliseconds of one core. */
export function renderFrame(request: FrameRequest): Luminance {
  const guest = makeGuest(request);
  return paint(guest, guest.scene, sizeOf(request));
}

/** Consecutive frames of one guest, without end: each is drawn when it is asked for. */
export function* renderFrames(request: FrameRequest): Generator<Luminance, undefined> {
  const guest = makeGuest(request);
  const shake = shakeFor(guest.uniform);
  for (let index = 0; ; index++) {
    yield paint(guest, sceneAt(guest.scene, shake, index / framesPerSecond), sizeOf(request));
  }
}

/** Consecutive frames of one guest: the hand trembles, the lens hunts, noise is new in each. */
export function renderSequence(request: FrameRequest & { readonly frames: number }): Luminance[] {
  const guest = makeGuest(request);
  const shake = shakeFor(guest.uniform);
  return Array.from({ length: request.frames }, (_, index) =>
    paint(guest, sceneAt(guest.scene, shake, index / framesPerSecond), sizeOf(request)),
  );
}

/** What the camera sees while nobody is there: the room alone. */
export function renderRoom(
  seed: number,
  size: { width: number; height: number } = frameSize,
): Luminance {
  const uniform = seededUniform(seed);
  const room = drawRoom(uniform);
  const scene = sceneFor('clean', uniform);
  const light: Light = { data: new Float32Array(size.width * size.height), ...size };
  paintRoom(light, room, scene.roomLight);
  return expose(light, withGain(scene), uniform);
}
