import { FoyerError, type Operation } from '@foyer/contracts';
import express, { type IRouter, type Request, type RequestHandler, type Response } from 'express';
import type { z } from 'zod';

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;

/** What a handler is given: each part parsed by its schema, and Express's own two objects. */
export interface OperationInput<O extends Operation> {
  params: Parsed<O['params']>;
  query: Parsed<O['query']>;
  body: Parsed<O['body']>;
  request: Request;
  response: Response;
}

/** An answer of another media type than JSON. */
export interface RawAnswer {
  contentType: string;
  body: string | Uint8Array;
}

/**
 * What a handler answers: the response's shape where the operation has one; for other media types a
 * `RawAnswer`, or nothing when the handler took over the response (a stream).
 */
export type OperationOutput<O extends Operation> = O['response'] extends z.ZodType
  ? z.input<O['response']>
  : RawAnswer | undefined;

export type Handler<O extends Operation> = (
  input: OperationInput<O>,
) => OperationOutput<O> | Promise<OperationOutput<O>>;

/** One handler for each operation of a table. */
export type Handlers<T extends Record<string, Operation>> = { [K in keyof T]: Handler<T[K]> };

export interface MountOptions {
  /** A larger body is refused with `body-too-large`. Default 256 KiB. */
  maxBodyBytes?: number;
  /** Runs before anything is parsed, for instance to check a key; it throws to refuse. */
  before?: (request: Request, operation: Operation) => void;
}

const defaultMaxBodyBytes = 262_144;

/** One sentence for a person: the first three faults, each with its path. */
function describe(error: z.ZodError): string {
  const faults = error.issues.slice(0, 3).map((issue) => {
    const path = issue.path.join('.');
    return path === '' ? issue.message : `${path}: ${issue.message}`;
  });
  const more = error.issues.length - faults.length;
  return faults.join('; ') + (more > 0 ? `; and ${more} more` : '');
}

function parsePart(name: string, schema: z.ZodType | undefined, value: unknown): unknown {
  if (schema === undefined) return undefined;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new FoyerError('bad-request', `The request's ${name} is wrong: ${describe(parsed.error)}.`);
}

function bodyOf(request: Request, schema: z.ZodType | undefined): unknown {
  const value: unknown = request.body;
  if (schema !== undefined && value === undefined && request.headers['content-type']) {
    if (request.is('application/json') === false) {
      throw new FoyerError('bad-request', 'Send the body as application/json.');
    }
  }
  return parsePart('body', schema, value);
}

// Whether there is JSON to answer is known from the operation; the conditional type of the
// handler's result is not narrowed by that, so the two shapes are told apart here.
function isRaw(operation: Operation, output: unknown): output is RawAnswer | undefined {
  return operation.response === undefined || output === undefined;
}

function answer(operation: Operation, output: unknown, response: Response): void {
  if (!isRaw(operation, output)) {
    response.status(operation.status).json(output);
    return;
  }
  if (output === undefined) return;
  response.status(operation.status).type(output.contentType);
  response.end(output.body);
}

/** Mounts one operation: parses its parts, calls the handler, answers. Errors go to `finishApp`. */
export function mountOperation<O extends Operation>(
  router: IRouter,
  operation: O,
  handler: Handler<O>,
  options: MountOptions = {},
): void {
  const steps: RequestHandler[] = [];
  const { before } = options;
  if (before !== undefined) {
    steps.push((request, _response, next) => {
      before(request, operation);
      next();
    });
  }
  if (operation.body !== undefined) {
    steps.push(express.json({ limit: options.maxBodyBytes ?? defaultMaxBodyBytes }));
  }
  steps.push(async (request, response) => {
    // The three casts restate what the schemas of this very operation have just checked.
    const output = await handler({
      params: parsePart('path', operation.params, request.params) as Parsed<O['params']>,
      query: parsePart('query', operation.query, request.query) as Parsed<O['query']>,
      body: bodyOf(request, operation.body) as Parsed<O['body']>,
      request,
      response,
    });
    answer(operation, output, response);
  });
  router[operation.method](operation.path, ...steps);
}

/** Mounts every operation of a table, each on its handler of the same name. */
export function mountOperations<T extends Record<string, Operation>>(
  router: IRouter,
  operations: T,
  handlers: Handlers<T>,
  options: MountOptions = {},
): void {
  for (const name of Object.keys(operations) as (keyof T)[]) {
    mountOperation(router, operations[name], handlers[name], options);
  }
}
