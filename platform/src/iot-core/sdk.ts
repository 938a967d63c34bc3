import type * as sdk from 'aws-iot-device-sdk-v2';

import { loadAwsSdk } from '../aws-sdk.ts';

/** The parts of the AWS IoT device SDK that speak with IoT Core. */
export type IotSdk = Pick<typeof sdk, 'auth' | 'io' | 'iot' | 'mqtt5'>;

/** Throws FoyerError `dependency-missing`. */
export const loadIotSdk = (): Promise<IotSdk> => loadAwsSdk();
