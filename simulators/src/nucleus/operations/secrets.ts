import { z } from 'zod';

import { IpcRefusal, type IpcOperation } from '../ipc-server.ts';

const requestSchema = z.looseObject({ secretId: z.string().min(1) });

/** GetSecretValue, of secrets by name or ARN. */
export function secretOperations(
  secrets: ReadonlyMap<string, string>,
  authorise: (component: string, operation: string, secretId: string) => void,
): [string, IpcOperation][] {
  return [
    [
      'GetSecretValue',
      {
        handle: ({ component, request }) => {
          const { secretId } = requestSchema.parse(request);
          authorise(component, 'GetSecretValue', secretId);
          const secretString = secrets.get(secretId);
          if (secretString === undefined) {
            throw new IpcRefusal('ResourceNotFoundError', `No secret ${secretId}.`);
          }
          const version = { versionId: '1', versionStage: ['AWSCURRENT'] };
          return { secretId, ...version, secretValue: { secretString } };
        },
      },
    ],
  ];
}
