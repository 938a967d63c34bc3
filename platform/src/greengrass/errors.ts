import { FoyerError, isFoyerError } from '@foyer/contracts';
import { z } from 'zod';

/** What the SDK throws; its enum `RpcErrorType` is among what is loaded late. */
const rpcErrorSchema = z.looseObject({
  type: z.int(),
  description: z.string(),
  serviceError: z.looseObject({ message: z.string().optional() }).optional(),
});

const handshake = 2;
const service = 8;

/** The SDK drops the name of the error's shape; its text is all that tells a refusal by policy. */
const refusedByPolicy = /not authorized|unauthorized|not authorised/i;

/**
 * Whether the nucleus took the connection and ended it instead of an answer to the handshake: how
 * lite refuses a token, and how any nucleus ends that is going down.
 */
export function endedHandshake(error: unknown): boolean {
  const parsed = rpcErrorSchema.safeParse(error instanceof Error ? error.cause : undefined);
  return parsed.success && /connect\(\) failed - connection closed/.test(parsed.data.description);
}

/**
 * An error of the SDK as ours: `identity-refused` for a token or a policy, `nucleus-refused` for
 * what else a nucleus answers (an operation that it lacks included), `link-down` for the rest.
 */
export function ipcError(what: string, cause: unknown): FoyerError {
  if (isFoyerError(cause)) return cause;
  const parsed = rpcErrorSchema.safeParse(cause);
  if (!parsed.success) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    return new FoyerError('link-down', `The nucleus: ${what} failed: ${detail}`, { cause });
  }
  const { type, description, serviceError } = parsed.data;
  if (type === handshake) {
    return new FoyerError('identity-refused', 'The nucleus refused the token of this component.', {
      cause,
      whatToDo: 'Nothing to do: the component ends, and the nucleus starts it with a new token.',
    });
  }
  const detail = serviceError?.message ?? description;
  if (type !== service) {
    return new FoyerError('link-down', `The nucleus: ${what} failed: ${description}`, { cause });
  }
  if (!refusedByPolicy.test(detail)) {
    return new FoyerError('nucleus-refused', `The nucleus refused ${what}: ${detail}`, { cause });
  }
  return new FoyerError('identity-refused', `The nucleus forbids ${what}: ${detail}`, {
    cause,
    whatToDo: "Compare with accessControl in the component's configuration.",
  });
}
