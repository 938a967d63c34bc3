import { sha256Schema } from '@foyer/contracts';
import { isLoopbackHost } from '@foyer/platform';
import { z } from 'zod';

const httpUrl = z.url({ protocol: /^https?$/ }).max(1024);
const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).hostname : '');

/** What a person may do; each may also what those before it may. */
export const roleSchema = z.enum(['viewer', 'editor', 'operator']);

/** The settings of the management program. */
export const managerConfigSchema = z.strictObject({
  listen: z
    .strictObject({
      /** The page is for browsers of this machine, or for whoever is let in by a tunnel. */
      host: z.string().refine(isLoopbackHost, 'must be a loopback address').default('127.0.0.1'),
      port: z.int().min(0).max(65_535).default(0),
    })
    .prefault({}),
  /** The local API of a gate or of the theatre agent: a box commands its own screens only. */
  agentUrl: httpUrl,
  cloudUrl: httpUrl.refine(
    (url) => url.startsWith('https:') || isLoopbackHost(hostOf(url)),
    'the cloud is not on this machine: use https://',
  ),
  /** The cloud's; it never reaches a browser. */
  apiKey: z.string().min(16).max(200),
  /** Players that this machine's browsers reach, for previews in the real templates. */
  players: z.array(httpUrl).max(64).default([]),
  /** Who may use the page: `printf %s TOKEN | sha256sum` makes what is written here. */
  roles: z
    .array(
      z.strictObject({
        /** Stands in the audit, and on emergencies. */
        name: z.string().min(1).max(48),
        role: roleSchema,
        tokenSha256: sha256Schema,
      }),
    )
    .min(1)
    .max(64)
    .refine(
      (all) => new Set(all.map((one) => one.tokenSha256)).size === all.length,
      'two of them have the same token',
    ),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
});
export type ManagerConfig = z.infer<typeof managerConfigSchema>;
