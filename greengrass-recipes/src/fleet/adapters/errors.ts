import { FoyerError, isFoyerError, type ErrorCode } from '@foyer/contracts';

const absent = new Set([
  'ResourceNotFoundException',
  'NoSuchEntityException',
  'NoSuchEntity',
  'NotFound',
  'NoSuchKey',
  'NoSuchBucket',
  'NoSuchPublicAccessBlockConfiguration',
]);

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

/** True for AWS's answer that something is not there. */
export const isAbsent = (error: unknown): boolean => absent.has(nameOf(error));

/** The answer, or null where AWS says that there is no such thing. */
export async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

interface Explanation {
  readonly when: RegExp;
  readonly code: ErrorCode;
  readonly whatToDo: string;
}

const explanations: readonly Explanation[] = [
  {
    when: /^(CredentialsProviderError|TokenProviderError)$/,
    code: 'unauthorised',
    whatToDo: 'Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and run it again.',
  },
  {
    when: /^(ExpiredToken|ExpiredTokenException|RequestExpired)$/,
    code: 'unauthorised',
    whatToDo: 'Sign in again (`aws sso login`, or new session keys), then run the same command.',
  },
  {
    when: /^(InvalidClientTokenId|UnrecognizedClientException|InvalidAccessKeyId)$|Signature/,
    code: 'unauthorised',
    whatToDo: "Check the access key and its secret, and this machine's clock.",
  },
  {
    when: /^(AccessDenied|AccessDeniedException|UnauthorizedException|Forbidden|403)$/,
    code: 'unauthorised',
    whatToDo: 'Let this user do what `foyer fleet policy operator` prints, then run it again.',
  },
  {
    when: /Throttl|TooManyRequests|SlowDown|LimitExceeded|ServiceQuotaExceeded/,
    code: 'queue-full',
    whatToDo: 'Wait a minute, then run the same command: what is done is left as it is.',
  },
  {
    when: /^(TimeoutError|ECONNREFUSED|ENOTFOUND|ECONNRESET|EAI_AGAIN|NetworkingError)$/,
    code: 'link-down',
    whatToDo: 'Check the network, --region and --endpoint, then run the same command.',
  },
  {
    when: /^(InternalFailure|InternalFailureException|InternalServerException|ServiceUnavailable)/,
    code: 'link-down',
    whatToDo: 'AWS has a fault of its own: run the same command in a few minutes.',
  },
  {
    when: /Conflict|AlreadyExists|AlreadyOwned|BucketAlready/,
    code: 'wrong-state',
    whatToDo: 'Somebody else changed or holds it: run with --dry-run to see how it is now.',
  },
  {
    when: /NotFound|NoSuch/,
    code: 'not-found',
    whatToDo: 'Check the name and --region; `foyer fleet setup` makes what an account needs.',
  },
];

/** What AWS or the network said, as a sentence with the next step. */
export function explained(error: unknown, operation: string): unknown {
  if (isFoyerError(error) || !(error instanceof Error)) return error;
  const code: unknown = Reflect.get(error, 'code');
  const names = [error.name, ...(typeof code === 'string' ? [code] : [])];
  const found = explanations.find(({ when }) => names.some((name) => when.test(name)));
  const said = error.message.trim().replace(/\.?$/, '.');
  return new FoyerError(found?.code ?? 'bad-request', `${operation}: ${error.name}: ${said}`, {
    cause: error,
    whatToDo: found?.whatToDo ?? 'Correct what AWS names, then run the same command.',
  });
}
