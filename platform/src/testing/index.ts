export { freePort, makeTempDir, removeTempDir, waitFor } from './cleanup.ts';
export { accessibilityFaults } from './accessibility.ts';
export * from './mosquitto.ts';
export { serveAedes, startAedes } from './aedes.ts';
export * from './postgres.ts';
export * from './certificates.ts';
export * from './tcp-proxy.ts';
