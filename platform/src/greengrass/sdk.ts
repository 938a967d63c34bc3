import type * as sdk from 'aws-iot-device-sdk-v2';

import { loadAwsSdk } from '../aws-sdk.ts';

/** The parts of the AWS IoT device SDK that speak with a nucleus. */
export type IpcSdk = Pick<typeof sdk, 'greengrasscoreipc' | 'io' | 'eventstream_rpc'>;

/** Throws FoyerError `dependency-missing`. */
export const loadIpcSdk = (): Promise<IpcSdk> => loadAwsSdk();
