import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Credentials that the stand-in knows. */
export interface KnownCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest();

const encode = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const service = 'iotdevicegateway';

/**
 * Whether the URL of a WebSocket's handshake is signed with these credentials ("Signature Version
 * 4", query parameters; AWS IoT leaves the session token out of what is signed).
 */
export function isSignedBy(
  url: URL,
  headers: IncomingHttpHeaders,
  known: KnownCredentials,
): boolean {
  const signature = url.searchParams.get('X-Amz-Signature');
  const credential = url.searchParams.get('X-Amz-Credential')?.split('/') ?? [];
  const [accessKeyId, date = '', region = '', scopeService] = credential;
  const amzDate = url.searchParams.get('X-Amz-Date') ?? '';
  if (accessKeyId !== known.accessKeyId || scopeService !== service) return false;
  if (url.searchParams.get('X-Amz-Security-Token') !== known.sessionToken) return false;
  const left = ['X-Amz-Signature', 'X-Amz-Security-Token'];
  const query = [...url.searchParams]
    .filter(([name]) => !left.includes(name))
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .toSorted()
    .join('&');
  const emptyHash = createHash('sha256').update('').digest('hex');
  const signed = url.searchParams.get('X-Amz-SignedHeaders') ?? '';
  const lines = signed.split(';').map((name) => `${name}:${String(headers[name] ?? '')}`);
  const canonical = ['GET', url.pathname, query, ...lines, '', signed, emptyHash].join('\n');
  const scope = `${date}/${region}/${service}/aws4_request`;
  const hashed = createHash('sha256').update(canonical).digest('hex');
  const toSign = ['AWS4-HMAC-SHA256', amzDate, scope, hashed].join('\n');
  const steps = [date, region, service, 'aws4_request'];
  const key = steps.reduce<string | Buffer>(hmac, `AWS4${known.secretAccessKey}`);
  return hmac(key, toSign).toString('hex') === signature;
}
