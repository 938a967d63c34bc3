import { loadConfig, runProgram } from '@foyer/platform/program';
import { brokerConfigSchema, startBroker } from './broker.ts';

runProgram(async () => {
  const broker = await startBroker(loadConfig(brokerConfigSchema, process.env).config);
  return { ready: { port: broker.port }, close: () => broker.close() };
});
