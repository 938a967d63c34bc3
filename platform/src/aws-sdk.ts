import { FoyerError } from '@foyer/contracts';
import type * as sdk from 'aws-iot-device-sdk-v2';

/**
 * Loads the AWS IoT device SDK with its native library, which a program that does not need it never
 * pays for. Throws FoyerError `dependency-missing`.
 */
export async function loadAwsSdk(): Promise<typeof sdk> {
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
