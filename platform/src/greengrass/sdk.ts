import { FoyerError } from '@foyer/contracts';
import type * as sdk from 'aws-iot-device-sdk-v2';

/** The parts of the AWS IoT device SDK that speak with a nucleus. */
export type IpcSdk = Pick<typeof sdk, 'greengrasscoreipc' | 'io' | 'eventstream_rpc'>;

/**
 * Loads the SDK with its native library, which a program outside a nucleus never pays for. Throws
 * FoyerError `dependency-missing`.
 */
export async function loadIpcSdk(): Promise<IpcSdk> {
  try {
    return await import('aws-iot-device-sdk-v2');
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new FoyerError('dependency-missing', `The AWS IoT device SDK does not load: ${detail}`, {
      cause,
      whatToDo: 'Run `npm ci`; a component for Greengrass carries the SDK in its zip.',
    });
  }
}
