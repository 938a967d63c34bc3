import { loadConfig, runProgram } from '@foyer/platform/program';

import { relayConfigSchema, startRelays } from './relay.ts';

// The program that runs inside a network namespace, beside the gate that lives there.
runProgram(async () => {
  const close = await startRelays(loadConfig(relayConfigSchema, process.env).config.relays);
  return { ready: {}, close: async () => close() };
});
