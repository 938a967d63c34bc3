import { loadConfig, runProgram } from '@foyer/platform/program';
import { serveAedes } from '@foyer/platform/testing';
import { z } from 'zod';

/** The embedded MQTT broker of the demo. */
const configSchema = z.strictObject({
  listen: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      port: z.int().min(0).max(65_535).default(0),
    })
    .prefault({}),
});

runProgram(async () => {
  const broker = await serveAedes(loadConfig(configSchema, process.env).config.listen);
  return { ready: { port: broker.port }, close: () => broker.close() };
});
