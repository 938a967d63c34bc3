import { between, eitherSide } from './random.ts';
import type { Uniform } from './random.ts';

/** What can be hard about a frame. Each is drawn with the ordinary variation of the others. */
export const conditions = [
  'clean',
  'rotated',
  'tilted',
  'far',
  'blurred',
  'motion',
  'glare',
  'noisy',
  'low-light',
  'dark-mode',
  'cracked',
  'dim-screen',
  'overexposed',
] as const;

/** One of `conditions`. */
export type Condition = (typeof conditions)[number];

/** Where the phone is, in the camera's frame: millimetres and radians. */
export interface Pose {
  readonly xMm: number;
  readonly yMm: number;
  readonly distanceMm: number;
  /** About the camera's axis. */
  readonly roll: number;
  /** About the horizontal and the vertical axis of the phone. */
  readonly pitch: number;
  readonly yaw: number;
}

/** A lamp mirrored in the glass: a soft bar, in millimetres on the phone's screen. */
export interface Glare {
  readonly xMm: number;
  readonly yMm: number;
  readonly angle: number;
  readonly lengthMm: number;
  readonly widthMm: number;
  /** Added light; 1 is the screen's white. */
  readonly strength: number;
}

/** All that decides a frame besides the page. Light is linear, 1 = the screen's white. */
export interface Scene {
  readonly pose: Pose;
  /** Standard deviation of the lens's blur, pixels. */
  readonly blurPx: number;
  /** Length of the smear that motion leaves, pixels, and its direction. */
  readonly motionPx: number;
  readonly motionAngle: number;
  /** The screen's white and what the glass adds by reflecting the room. */
  readonly screenLight: number;
  readonly veil: number;
  readonly roomLight: number;
  /** Multiplies light before the sensor clips at 1. */
  readonly exposure: number;
  /** Read noise and shot noise, as shares of the sensor's range. */
  readonly readNoise: number;
  readonly shotNoise: number;
  /** Share of light that scatters widely in the lens. */
  readonly bloom: number;
  readonly glare?: Glare;
}

const ordinaryScene = (uniform: Uniform): Scene => ({
  pose: {
    xMm: between(uniform, -22, 22),
    yMm: between(uniform, -10, 34),
    distanceMm: between(uniform, 170, 235),
    roll: eitherSide(uniform, 0, 0.14),
    pitch: eitherSide(uniform, 0, 0.2),
    yaw: eitherSide(uniform, 0, 0.2),
  },
  blurPx: between(uniform, 0.45, 0.8),
  motionPx: between(uniform, 0, 0.8),
  motionAngle: between(uniform, 0, Math.PI),
  screenLight: between(uniform, 0.75, 1),
  veil: between(uniform, 0.004, 0.03),
  roomLight: between(uniform, 0.05, 0.22),
  exposure: between(uniform, 0.75, 1),
  readNoise: between(uniform, 0.003, 0.008),
  shotNoise: between(uniform, 0.008, 0.02),
  bloom: between(uniform, 0.01, 0.04),
});

const hardships: Readonly<Record<Condition, (scene: Scene, uniform: Uniform) => Partial<Scene>>> = {
  clean: () => ({}),
  rotated: (scene, uniform) => ({
    pose: { ...scene.pose, roll: eitherSide(uniform, 0.35, Math.PI) },
  }),
  tilted: (scene, uniform) => ({
    pose: {
      ...scene.pose,
      pitch: eitherSide(uniform, 0.35, 0.85),
      yaw: eitherSide(uniform, 0.25, 0.8),
      roll: eitherSide(uniform, 0, 0.5),
    },
  }),
  far: (scene, uniform) => ({
    pose: {
      ...scene.pose,
      distanceMm: between(uniform, 300, 430),
      xMm: eitherSide(uniform, 0, 90),
    },
  }),
  blurred: (_scene, uniform) => ({ blurPx: between(uniform, 0.9, 2.3) }),
  motion: (_scene, uniform) => ({ motionPx: between(uniform, 2, 7.5) }),
  glare: (_scene, uniform) => ({
    glare: {
      xMm: between(uniform, -28, 28),
      yMm: between(uniform, -40, 20),
      angle: between(uniform, 0, Math.PI),
      lengthMm: between(uniform, 12, 50),
      widthMm: between(uniform, 3, 9),
      strength: between(uniform, 0.8, 3),
    },
    veil: between(uniform, 0.03, 0.15),
  }),
  noisy: (_scene, uniform) => ({
    readNoise: between(uniform, 0.03, 0.09),
    shotNoise: between(uniform, 0.05, 0.12),
  }),
  'low-light': (_scene, uniform) => ({
    screenLight: between(uniform, 0.05, 0.14),
    roomLight: between(uniform, 0.004, 0.02),
    veil: between(uniform, 0.001, 0.006),
    readNoise: between(uniform, 0.008, 0.02),
    shotNoise: between(uniform, 0.05, 0.09),
    blurPx: between(uniform, 0.7, 1.2),
  }),
  'dark-mode': (_scene, uniform) => ({ veil: between(uniform, 0.01, 0.06) }),
  cracked: () => ({}),
  'dim-screen': (_scene, uniform) => ({
    screenLight: between(uniform, 0.05, 0.12),
    veil: between(uniform, 0.15, 0.4),
    roomLight: between(uniform, 0.3, 0.6),
  }),
  overexposed: (_scene, uniform) => ({
    exposure: between(uniform, 1.5, 3.5),
    bloom: between(uniform, 0.05, 0.14),
    roomLight: between(uniform, 0.01, 0.08),
    blurPx: between(uniform, 0.7, 1.2),
  }),
};

/** The scene of one guest, before the hand moves. */
export function sceneFor(condition: Condition, uniform: Uniform): Scene {
  const ordinary = ordinaryScene(uniform);
  return { ...ordinary, ...hardships[condition](ordinary, uniform) };
}

/** How a hand trembles and a lens hunts: amplitudes and phases drawn once for a guest. */
export interface Shake {
  readonly phases: readonly number[];
  /** Times the ordinary tremor. */
  readonly amount: number;
}

/** Draws a guest's tremor. */
export const shakeFor = (uniform: Uniform): Shake => ({
  phases: Array.from({ length: 8 }, () => between(uniform, 0, 2 * Math.PI)),
  amount: between(uniform, 0.6, 1.6),
});

/**
 * The scene a moment later: the hand trembles at 1-9 Hz by about a millimetre, the smear follows
 * the hand's speed, the lens hunts for focus, a mirrored lamp wanders as the glass tips.
 * @param timeS seconds since the phone was held up.
 */
export function sceneAt(scene: Scene, shake: Shake, timeS: number): Scene {
  const wave = (index: number, hz: number): number =>
    Math.sin(2 * Math.PI * hz * timeS + (shake.phases[index] ?? 0));
  const { amount } = shake;
  const tip = 0.02 * amount * wave(4, 1.1);
  const { glare } = scene;
  return {
    ...scene,
    pose: {
      ...scene.pose,
      xMm: scene.pose.xMm + amount * (2.2 * wave(0, 0.7) + 0.5 * wave(1, 7.3)),
      yMm: scene.pose.yMm + amount * (2.2 * wave(2, 0.9) + 0.5 * wave(3, 8.1)),
      distanceMm: scene.pose.distanceMm * (1 + 0.012 * amount * wave(5, 0.6)),
      pitch: scene.pose.pitch + tip,
      yaw: scene.pose.yaw + 0.02 * amount * wave(6, 0.8),
      roll: scene.pose.roll + 0.015 * amount * wave(7, 0.9),
    },
    blurPx: scene.blurPx * (1 + 0.25 * wave(6, 1.3)),
    motionPx: scene.motionPx * (0.35 + 0.65 * Math.abs(wave(1, 2.3))),
    motionAngle: scene.motionAngle + 0.5 * wave(3, 1.7),
    ...(glare === undefined
      ? {}
      : {
          glare: {
            ...glare,
            xMm: glare.xMm + 500 * tip,
            yMm: glare.yMm + 300 * 0.02 * wave(6, 0.8),
          },
        }),
  };
}
