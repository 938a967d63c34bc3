import type { FuzzTarget } from '../target.ts';

/** Every target, loaded when it is needed: a worker holds one parser with what it needs. */
export const targetLoaders: Readonly<Record<string, () => Promise<FuzzTarget>>> = {
  'ticket-code': async () => (await import('./ticket-code.ts')).ticketCodeTarget,
  frame: async () => (await import('./frame.ts')).frameTarget,
  feed: async () => (await import('./feed.ts')).feedTarget,
  outbox: async () => (await import('./outbox.ts')).outboxTarget,
  mesh: async () => (await import('./mesh.ts')).meshTarget,
  'cloud-gateway': async () => (await import('./cloud-gateway.ts')).cloudGatewayTarget,
  'local-api': async () => (await import('./local-api.ts')).localApiTarget,
  'booking-api': async () => (await import('./booking-api.ts')).bookingApiTarget,
  'scanner-api': async () => (await import('./scanner-api.ts')).scannerApiTarget,
  image: async () => (await import('./image.ts')).imageTarget,
  answers: async () => (await import('./answers.ts')).answersTarget,
  config: async () => (await import('./config.ts')).configTarget,
  identity: async () => (await import('./identity.ts')).identityTarget,
};

export const targetNames: readonly string[] = Object.keys(targetLoaders);

/** What each target takes in, for people. */
export async function describeTargets(): Promise<{ name: string; takes: string }[]> {
  const targets = await Promise.all(Object.values(targetLoaders).map((load) => load()));
  return targets.map(({ name, takes }) => ({ name, takes }));
}
