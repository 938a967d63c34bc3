import { z } from 'zod';

import { IpcRefusal } from './ipc-server.ts';

const policiesSchema = z.record(
  z.string(),
  z.looseObject({
    operations: z.array(z.string()),
    resources: z.array(z.string()).optional(),
  }),
);
const configurationSchema = z.looseObject({
  accessControl: z.record(z.string(), policiesSchema).optional(),
});

/** `*` stands for any text, as in the resources of both nuclei. */
function matches(pattern: string, resource: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(resource);
}

/**
 * Throws `UnauthorizedError` unless the component's configuration allows it.
 *
 * @param service such as `aws.greengrass.ipc.mqttproxy`
 * @param operation such as `PublishToIoTCore`
 */
export function authorise(
  access: { component: string; configuration: unknown; thingName: string },
  service: string,
  operation: string,
  resource: string,
): void {
  const parsed = configurationSchema.safeParse(access.configuration);
  const policies = Object.values(parsed.data?.accessControl?.[service] ?? {});
  const allowed = policies.some(
    ({ operations, resources = [] }) =>
      (operations.includes(`aws.greengrass#${operation}`) || operations.includes('*')) &&
      resources.some((pattern) =>
        matches(pattern.replaceAll('{iot:thingName}', access.thingName), resource),
      ),
  );
  if (allowed) return;
  throw new IpcRefusal(
    'UnauthorizedError',
    `${access.component} is not authorized to perform ${service}:${operation} on ${resource}`,
  );
}
