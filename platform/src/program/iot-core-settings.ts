import { z } from 'zod';

const path = z.string().min(1).optional();

/** The settings of a direct connection to AWS IoT Core; check the whole with the function below. */
export const iotCoreSettingsShape = {
  /** The account's data endpoint, `PREFIX-ats.iot.REGION.amazonaws.com`. */
  endpoint: z.hostname(),
  /** 8883 with a certificate, 443 with credentials of the token exchange when absent. */
  port: z.int().min(1).max(65_535).optional(),
  /**
   * What the connection shows: the certificate of a thing, or credentials of the box's role from
   * the nucleus's token exchange service (SigV4 over WebSocket).
   */
  credentials: z.enum(['certificate', 'token-exchange']).default('certificate'),
  /** For `token-exchange`; the endpoint's when absent. */
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/)
    .optional(),
  /** Authorities that the endpoint's certificate may come from; those of the system when absent. */
  caPath: path,
  certPath: path,
  keyPath: path,
  /** `foyer-THEATRE-NODE#link` when absent; never the one of the nucleus: one ends the other. */
  clientId: z.string().min(1).max(128).optional(),
} as const;

/** The part of them that must fit together. */
export interface IotCoreSettingsInput {
  endpoint: string;
  credentials: 'certificate' | 'token-exchange';
  region?: string;
  certPath?: string;
  keyPath?: string;
}

/** The region in an endpoint's name, or null. */
export function regionOf(endpoint: string): string | null {
  return /\.iot\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?$/.exec(endpoint)?.[1] ?? null;
}

/** A zod check: each kind of credentials has what it needs, and nothing of the other. */
export function checkIotCoreSettings(
  settings: IotCoreSettingsInput,
  context: z.RefinementCtx,
): void {
  const refuse = (name: string, message: string): void => {
    context.addIssue({ code: 'custom', path: [name], message });
  };
  const files = ['certPath', 'keyPath'] as const;
  if (settings.credentials === 'certificate') {
    for (const name of files) {
      if (settings[name] === undefined) {
        refuse(name, 'is needed: IoT Core knows a thing by its certificate');
      }
    }
    return;
  }
  for (const name of files) {
    if (settings[name] !== undefined) {
      refuse(name, 'is not used with credentials of the token exchange: leave one of the two out');
    }
  }
  if (settings.region === undefined && regionOf(settings.endpoint) === null) {
    refuse('region', 'is needed: the endpoint does not tell it');
  }
}
