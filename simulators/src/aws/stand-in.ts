import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { AwsError, encodeAnswer, encodeError, type RawAnswer } from './answers.ts';
import { greengrassHandlers } from './greengrass.ts';
import { iamHandlers } from './iam.ts';
import { iotHandlers } from './iot.ts';
import { readModel, services, type ServiceModel, type ServiceName } from './model.ts';
import { decoderOf, serviceOf, type DecodedRequest, type RawRequest } from './requests.ts';
import { s3Handlers } from './s3.ts';
import { faultsOf } from './validate.ts';
import { emptyWorld, type World } from './world.ts';

export interface AwsStandInOptions {
  readonly account?: string;
  readonly region?: string;
  readonly nowMs?: () => number;
  /** 0 takes a free one. */
  readonly port?: number;
}

/** A call that came in. */
export interface LoggedCall {
  /** As `iot:CreateThing`. */
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** The error that it was answered with; null for one that succeeded. */
  readonly refused: string | null;
}

/** Answers in the place of AWS, on loopback. */
export interface AwsStandIn {
  readonly url: string;
  readonly world: World;
  readonly calls: readonly LoggedCall[];
  /** What of requests and answers Amazon's models do not allow. */
  readonly violations: readonly string[];
  /** Refuses the next `times` calls of an operation (`iot:CreateThing`) with that error. */
  refuse(operation: string, error: string, times: number): void;
  close(): Promise<void>;
}

/** Bodies above are refused: no artifact of ours comes near. */
const maxBodyBytes = 200_000_000;

type Handler = (input: Record<string, unknown>) => object | Promise<object>;

interface Service {
  readonly model: ServiceModel;
  readonly decode: ReturnType<typeof decoderOf>;
  readonly handlers: Readonly<Record<string, Handler>>;
}

function servicesOf(world: World): Map<ServiceName, Service> {
  // Each handler takes the input that the model describes, and gets none that was not held
  // against it.
  const handlers: Record<ServiceName, object> = {
    greengrassv2: greengrassHandlers(world),
    iam: iamHandlers(world),
    iot: iotHandlers(world),
    s3: s3Handlers(world),
    sts: iamHandlers(world),
  };
  return new Map(
    services.map((name) => {
      const model = readModel(name);
      const table = handlers[name] as Readonly<Record<string, Handler>>;
      return [name, { model, decode: decoderOf(model), handlers: table }] as const;
    }),
  );
}

async function rawOf(request: IncomingMessage): Promise<RawRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) throw new Error(`a body of over ${maxBodyBytes} bytes`);
    chunks.push(chunk);
  }
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  );
  const { method = 'GET', url = '/' } = request;
  return { method, url, headers, body: Buffer.concat(chunks) };
}

/** What came in and how it was answered, and what is to be refused. */
class Desk {
  readonly calls: LoggedCall[] = [];
  readonly violations: string[] = [];
  private readonly table: Map<ServiceName, Service>;
  private readonly refusals = new Map<string, { error: string; times: number }>();

  constructor(world: World) {
    this.table = servicesOf(world);
  }

  refuse(operation: string, error: string, times: number): void {
    this.refusals.set(operation, { error, times });
  }

  async answer(service: ServiceName, request: RawRequest): Promise<RawAnswer> {
    const { model, decode, handlers } = this.table.get(service) as Service;
    const decoded = decode(request);
    const head = request.method === 'HEAD';
    if (decoded === null) {
      this.violations.push(`${service} has no operation ${request.method} ${request.url}`);
      return encodeError(model, new AwsError('UnknownOperationException', 'unknown'), head);
    }
    const { operation, input } = decoded;
    const name = `${service}:${operation.name}`;
    try {
      this.check(name, model, decoded);
      this.refuseWhereAsked(name);
      const handler = handlers[operation.name];
      if (handler === undefined) throw new AwsError('NotImplemented', `${name} is not played`);
      const output = Object.fromEntries(
        Object.entries(await handler(input)).filter(([, value]) => value !== undefined),
      );
      const shape = operation.output?.shape;
      if (shape !== undefined) this.note(name, faultsOf(model, shape, output, 'output'));
      this.calls.push({ operation: name, input, refused: null });
      return encodeAnswer(model, operation, output);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      this.calls.push({ operation: name, input, refused: error.name });
      return encodeError(model, error, head);
    }
  }

  private note(name: string, faults: readonly string[]): void {
    this.violations.push(...faults.map((fault) => `${name} ${fault}`));
  }

  private check(name: string, model: ServiceModel, decoded: DecodedRequest): void {
    const { operation, input, strays } = decoded;
    const faults = strays.map((stray) => `${stray}: the model has no such member`);
    const shape = operation.input?.shape;
    if (shape !== undefined) faults.push(...faultsOf(model, shape, input, 'input'));
    this.note(name, faults);
    const [fault] = faults;
    if (fault !== undefined) throw new AwsError('ValidationException', fault);
  }

  private refuseWhereAsked(operation: string): void {
    const refusal = this.refusals.get(operation);
    if (refusal === undefined || refusal.times === 0) return;
    refusal.times -= 1;
    throw new AwsError(refusal.error, 'Refused by the stand-in.');
  }
}

async function answer(desk: Desk, request: IncomingMessage, response: ServerResponse) {
  const raw = await rawOf(request);
  const service = serviceOf(raw);
  const { status, headers, body } =
    service === null
      ? { status: 403, headers: {}, body: 'The request is not signed for a known service.' }
      : await desk.answer(service, raw);
  response.writeHead(status, { ...headers, 'x-amzn-requestid': String(desk.calls.length) });
  response.end(body);
}

/** Starts it. Throws FoyerError `dependency-missing` without Amazon's service models. */
export async function startAwsStandIn(options: AwsStandInOptions = {}): Promise<AwsStandIn> {
  const { account = '111122223333', region = 'eu-central-1', nowMs = Date.now } = options;
  const world = emptyWorld(account, region, nowMs);
  const desk = new Desk(world);
  const server = createServer((request, response) => {
    answer(desk, request, response).catch((error: unknown) => {
      const said = error instanceof Error ? error.stack : String(error);
      desk.violations.push(`the stand-in failed: ${said}`);
      response.writeHead(500);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    world,
    calls: desk.calls,
    violations: desk.violations,
    refuse: (operation, error, times) => desk.refuse(operation, error, times),
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
