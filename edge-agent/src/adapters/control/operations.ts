import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import { isFoyerError, type Role } from '@foyer/contracts';
import type { JobDocument } from '../../domain/control/job-document.ts';
import type { JobOutcome } from '../../domain/control/jobs.ts';
import { redact } from '../../domain/control/redact.ts';
import type { GateMode } from '../../domain/control/shadow.ts';

/** What a node's jobs may touch. */
export interface OperationDeps {
  role: Role;
  setMode(mode: GateMode): void;
  /** The newest lines of this program's log. */
  logs(): string;
  /** Hosts that logs may be sent to, and their subdomains. */
  logHosts: readonly string[];
  rebootCommand: readonly string[];
  /** A new key; answers the request for its certificate, PEM. */
  makeKey(): Promise<string>;
  /** Throws FoyerError `config-invalid` for one that does not fit the key or this node. */
  installCertificate(pem: string): void;
}

/** Runs what a job asks for; ends early when the signal says so. */
export type RunOperation = (document: JobDocument, signal: AbortSignal) => Promise<JobOutcome>;

const done = (document: JobDocument, more: Record<string, string> = {}): JobOutcome => ({
  status: 'SUCCEEDED',
  details: { operation: document.operation, ...more },
});

const refused = (reason: string): JobOutcome => ({ status: 'REJECTED', details: { reason } });

function isAllowed(url: string, hosts: readonly string[]): boolean {
  const { hostname } = new URL(url);
  return hosts.some((host) => hostname === host || hostname.endsWith(`.${host}`));
}

async function sendLogs(
  deps: OperationDeps,
  document: JobDocument & { operation: 'collect-logs' },
  signal: AbortSignal,
): Promise<JobOutcome> {
  if (!isAllowed(document.uploadUrl, deps.logHosts)) {
    return refused('uploadUrl: its host is none of thing.logHosts');
  }
  const body = await promisify(gzip)(redact(deps.logs()));
  const response = await fetch(document.uploadUrl, {
    method: 'PUT',
    body: new Uint8Array(body),
    redirect: 'error',
    signal,
  });
  if (response.ok) return done(document, { sizeBytes: String(body.byteLength) });
  return { status: 'FAILED', details: { reason: `the upload was answered ${response.status}` } };
}

async function reboot(deps: OperationDeps, signal: AbortSignal): Promise<JobOutcome> {
  const [file, ...args] = deps.rebootCommand;
  if (file === undefined) return refused('thing.rebootCommand is empty: this box may not restart');
  await promisify(execFile)(file, args, { signal });
  // The machine takes this process with it; the next start tells how it went.
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('the machine did not go down')));
  });
}

/** The operations of a node. What they throw becomes a failure with its reason. */
export function operations(deps: OperationDeps): RunOperation {
  const run: RunOperation = async (document, signal) => {
    switch (document.operation) {
      case 'reboot':
        return reboot(deps, signal);
      case 'collect-logs':
        return sendLogs(deps, document, signal);
      case 'rotate-keys':
        return done(document, { csr: await deps.makeKey() });
      case 'install-certificate':
        deps.installCertificate(document.certificate);
        return done(document);
      case 'switch-gate':
        if (deps.role !== 'gate') return refused(`this node is a ${deps.role}, no gate`);
        deps.setMode(document.mode);
        return done(document, { mode: document.mode });
    }
  };
  return async (document, signal) => {
    try {
      return await run(document, signal);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const status = isFoyerError(error) && error.code === 'config-invalid' ? 'REJECTED' : 'FAILED';
      return { status, details: { reason: redact(reason).slice(0, 1000) } };
    }
  };
}
