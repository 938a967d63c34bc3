import { loadConfig, runProgram } from '@foyer/platform/program';
import { paymentConfigSchema, startPaymentProvider } from './provider.ts';

runProgram(async () => {
  const server = await startPaymentProvider(loadConfig(paymentConfigSchema, process.env).config);
  return { ready: { port: server.port }, close: () => server.close() };
});
