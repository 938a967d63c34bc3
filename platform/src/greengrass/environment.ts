import type { Environment } from '../program/config.ts';

/** Where a nucleus listens, and the token by which it knows the component that it started. */
export interface NucleusAddress {
  socketPath: string;
  token: string;
}

/** What a nucleus told this program by its environment; null where no nucleus started it. */
export function nucleusOf(env: Environment): NucleusAddress | null {
  const socketPath = env['AWS_GG_NUCLEUS_DOMAIN_SOCKET_FILEPATH_FOR_COMPONENT'];
  const token = env['SVCUID'];
  if (socketPath === undefined || socketPath === '' || token === undefined) return null;
  return { socketPath, token };
}
