import { nodeIdSchema, screenIdSchema } from '@foyer/contracts';
import { isLoopbackHost } from '@foyer/platform';
import { z } from 'zod';

const httpUrlSchema = z.url({ protocol: /^https?$/ }).max(1024);
/** A program and its arguments; no shell is between. */
const commandSchema = z.array(z.string().min(1).max(512)).min(1).max(32);
const screensSchema = z.array(screenIdSchema).max(16).default([]);

const loopbackUrlSchema = httpUrlSchema.refine(
  (url) => URL.canParse(url) && isLoopbackHost(new URL(url).hostname),
  'must be a loopback address such as http://127.0.0.1:9222',
);

/** One Chromium and the screens that it shows. */
const browserSchema = z.object({
  /** Empty: every screen of the box. */
  screens: screensSchema,
  /** Chromium's `--remote-debugging-port`. */
  debugUrl: loopbackUrlSchema.optional(),
  /** Starts the browser anew: `["systemctl", "restart", "foyer-kiosk"]`. */
  restartCommand: commandSchema.optional(),
  /** Starts the output anew, the compositor and all. */
  outputCommand: commandSchema.optional(),
});

/** The panel behind a screen, where something can talk to it. */
const panelSchema = z.object({
  screenId: screenIdSchema,
  /** Prints the state of its power: `["ddcutil", "getvcp", "d6", "--brief"]`. */
  readCommand: commandSchema.optional(),
  /** What its text has in it while the panel is on, a regular expression. */
  onPattern: z
    .string()
    .min(1)
    .max(200)
    .default(String.raw`\bx01\b|pwr-state: on\b`),
  offPattern: z
    .string()
    .min(1)
    .max(200)
    .default(String.raw`\bx0[2-5]\b|pwr-state: standby\b`),
  onCommand: commandSchema.optional(),
  offCommand: commandSchema.optional(),
  everyS: z.int().min(1).max(86_400).default(30),
});

/** A contact closure: a file that says 0 or 1, such as a GPIO's value in sysfs. */
const contactSchema = z.object({
  path: z.string().min(1).max(512),
  /** true: 0 is closed. */
  activeLow: z.boolean().default(false),
  emergency: z.object({
    kind: z.enum(['evacuate', 'shelter', 'message']),
    text: z.string().max(200).default(''),
    /** Empty: all screens of the theatre. */
    screens: z.array(screenIdSchema).max(64).default([]),
  }),
  /** Its name in the audit. */
  by: z.string().min(1).max(48),
});

const storeSchema = z.object({
  maxBytes: z.int().min(1_000_000).default(8_000_000_000),
  /** Left free on the disk for others, the agent's database first of all. */
  minFreeBytes: z.int().min(0).default(200_000_000),
  concurrency: z.int().min(1).max(8).default(2),
  /** A server that sends nothing for this long is left. */
  stallMs: z.int().min(100).default(15_000),
  /** How fast stored files are hashed anew; 0: never. */
  rehashBytesPerS: z.int().min(0).default(2_000_000),
});

const watchSchema = z.object({
  /** A page that says nothing for this long is taken for dead. */
  silentMs: z.int().min(1000).default(15_000),
  /** So much time for the first page after a start. */
  firstPageMs: z.int().min(1000).default(90_000),
  /** A film that stands still, or an item that stays on past its end, for this long is stuck. */
  stuckMs: z.int().min(1000).default(10_000),
  /** Pixels that differ from the schedule for this long are a fault. */
  differsMs: z.int().min(1000).default(30_000),
});

export const playerConfigSchema = z.object({
  /** The local API of the agent on this box. */
  agentUrl: httpUrlSchema,
  /** The agent's node id; else it is asked, and remembered. */
  nodeId: nodeIdSchema.optional(),
  /** Where media come from, in this order: the cloud, or any mirror. The hash is the check. */
  mediaUrls: z.array(httpUrlSchema).min(1).max(8),
  dataDir: z.string().min(1),
  listen: z
    .object({
      /** It has no passwords: it is for the browser of this machine only. */
      host: z
        .string()
        .refine(isLoopbackHost, 'must be a loopback address such as 127.0.0.1')
        .default('127.0.0.1'),
      port: z.int().min(0).max(65_535).default(0),
    })
    .prefault({}),
  store: storeSchema.prefault({}),
  watch: watchSchema.prefault({}),
  browsers: z.array(browserSchema).max(8).default([]),
  panels: z.array(panelSchema).max(16).default([]),
  contacts: z.array(contactSchema).max(16).default([]),
  /** For every program that is run: a browser's restart, a panel's switch. */
  commandTimeoutMs: z.int().min(100).default(10_000),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

/** The player's configuration; every default is in the schema. */
export type PlayerConfig = z.infer<typeof playerConfigSchema>;
export type BrowserConfig = PlayerConfig['browsers'][number];
export type PanelConfig = PlayerConfig['panels'][number];
export type ContactConfig = PlayerConfig['contacts'][number];
