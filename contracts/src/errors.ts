/**
 * Every error that a person or a program of ours can meet has a code here: the code is stable, the
 * sentence is for a person, and `whatToDo` is the next step. docs/errors.md lists them all.
 */
export const errorCatalogue = {
  'bad-request': 'Compare the request with the API document and send it again.',
  'body-too-large': 'Send a smaller body; the limit is in the message.',
  'not-found': 'Check the identifier.',
  'seat-taken': 'Choose other seats: availability is at /v1/shows/{showNo}/seats.',
  'hold-expired': 'Hold the seats again.',
  'wrong-state': 'Read the booking again: its state does not allow this.',
  'payment-declined': 'Ask the guest for another means of payment.',
  'payment-unreachable': 'Try again: nothing was charged twice, the request is idempotent.',
  unauthorised: 'Send the API key as a bearer token.',
  'unsupported-version': 'Upgrade the older side: cloud first, then theatre, then gates.',
  unparsable: 'Look at the dead letters of this node: the payload is kept there.',
  'damaged-frame': 'Nothing to do: the frame is asked for again.',
  'payload-too-large': 'Nothing to do: the sender splits it.',
  'config-invalid': 'Correct the named setting; `foyer` prints each value and where it came from.',
  'database-corrupt': 'Nothing to do: the file was set aside and the data is fetched again.',
  'gate-closed': 'Open the gate by the job switch-gate or the desired mode of its shadow.',
  'disk-full': 'Free space on the disk: scanning is refused until a commit succeeds.',
  'clock-unset': 'Set the clock of this box or connect it to a time server.',
  'link-down': 'Nothing to do: it reconnects by itself.',
  timeout: 'Try again; if it stays, look at the other side.',
  'image-unreadable': 'Send a whole PNG, JPEG or WebP file.',
  'image-too-large': 'Send an image of at most the size in the message.',
  'queue-full': 'Try again in a moment.',
  'dependency-missing': 'Install the program named in the message.',
  internal: 'Try again; if it stays, look at the log of this program.',
  'identity-refused': 'Provision the node again with a certificate of its theatre.',
  'nucleus-refused': 'Look at the log of the Greengrass nucleus: the reason is there in full.',
} as const;

export type ErrorCode = keyof typeof errorCatalogue;

/** The HTTP status that an API answers an error with. */
export const httpStatusOfCode: Record<ErrorCode, number> = {
  'bad-request': 400,
  'body-too-large': 413,
  'not-found': 404,
  'seat-taken': 409,
  'hold-expired': 410,
  'wrong-state': 409,
  'payment-declined': 402,
  'payment-unreachable': 503,
  unauthorised: 401,
  'unsupported-version': 400,
  unparsable: 400,
  'damaged-frame': 400,
  'payload-too-large': 413,
  'config-invalid': 500,
  'database-corrupt': 503,
  'gate-closed': 503,
  'disk-full': 507,
  'clock-unset': 503,
  'link-down': 503,
  timeout: 504,
  'image-unreadable': 422,
  'image-too-large': 413,
  'queue-full': 503,
  'dependency-missing': 500,
  internal: 500,
  'identity-refused': 403,
  'nucleus-refused': 502,
};

/** An error with a stable code, a sentence for a person, and what to do next. */
export class FoyerError extends Error {
  readonly code: ErrorCode;
  readonly whatToDo: string;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown; whatToDo?: string }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'FoyerError';
    this.code = code;
    this.whatToDo = options?.whatToDo ?? errorCatalogue[code];
  }
}

/** True for an error of ours, also one that crossed a bundle boundary. */
export function isFoyerError(error: unknown): error is FoyerError {
  return error instanceof Error && error.name === 'FoyerError' && 'code' in error;
}
