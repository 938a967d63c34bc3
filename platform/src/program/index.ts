export { loadConfig, variableOf } from './config.ts';
export type { ConfigSource, ConfigValue, Environment, LoadedConfig } from './config.ts';
export { checkIotCoreSettings, iotCoreSettingsShape } from './iot-core-settings.ts';
export { checkMqttSettings, mqttSettingsShape } from './mqtt-settings.ts';
export { endWithInput, runProgram } from './run.ts';
export type { RunningProgram } from './run.ts';
