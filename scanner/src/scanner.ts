import type { Clock, Logger, Random } from '@foyer/platform';

import { createAgentClient } from './adapters/agent-client.ts';
import { DecoderPool } from './adapters/decoder-pool.ts';
import { startDirectory } from './adapters/directory-source.ts';
import { FrameIntake } from './adapters/frame-intake.ts';
import { startServer } from './adapters/http-server.ts';
import { ScanDesk } from './adapters/scan-desk.ts';
import { startStream } from './adapters/stream-source.ts';
import type { RunningSource, TakeFrame } from './adapters/stream-source.ts';
import type { ScannerConfig } from './config.ts';

/** The world, as the scanner uses it. */
export interface ScannerSeams {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** The decode worker's bundle, when it is not beside the running bundle. */
  readonly workerUrl?: URL;
}

/** A scanner that runs. */
export interface RunningScanner {
  readonly port: number;
  close(): Promise<void>;
}

const metricsText = (pool: DecoderPool, desk: ScanDesk): string => {
  const lines = Object.entries({ ...pool.counts, ...desk.counts }).map(([name, value]) => {
    const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const metric = `foyer_scanner_${snake}_total`;
    return `# TYPE ${metric} counter\n${metric} ${value}`;
  });
  return [
    ...lines,
    '# TYPE foyer_scanner_waiting gauge',
    `foyer_scanner_waiting ${pool.waiting}`,
    '',
  ].join('\n');
};

/** Builds a scanner from its configuration and starts it. */
export async function startScanner(
  config: ScannerConfig,
  seams: ScannerSeams,
): Promise<RunningScanner> {
  const { clock, random, logger, workerUrl } = seams;
  const pool = await DecoderPool.start({
    workers: config.workers,
    capacity: config.queueCapacity,
    ...(workerUrl === undefined ? {} : { workerUrl }),
  });
  const agent =
    config.agentUrl === undefined
      ? undefined
      : createAgentClient(
          {
            agentUrl: config.agentUrl,
            attemptTimeoutMs: config.agentAttemptTimeoutMs,
            giveUpAfterMs: config.agentGiveUpAfterMs,
          },
          clock,
          random,
        );
  const limits = {
    duplicateWindowMs: config.duplicateWindowMs,
    maxPending: config.maxPendingScans,
  };
  const desk = new ScanDesk(agent, limits, { clock, logger });
  const intake = new FrameIntake(pool, desk);
  const server = await startServer({
    ...config.listen,
    maxBodyBytes: config.maxBodyBytes,
    intake,
    logger,
    metrics: () => metricsText(pool, desk),
  }).catch(async (error: unknown) => {
    await pool.close();
    throw error;
  });
  const sources = startSources(config, intake, seams);
  return {
    port: server.port,
    async close() {
      await Promise.all(sources.map((source) => source.stop()));
      await server.close();
      await pool.close();
    },
  };
}

function startSources(
  config: ScannerConfig,
  intake: FrameIntake,
  seams: ScannerSeams,
): RunningSource[] {
  return config.sources.map((source) => {
    const takeFrame: TakeFrame = (frame) => {
      intake.watch(frame, source.name).then(
        (result) => {
          const verdict = result?.verdict;
          if (!verdict) return;
          seams.logger.info('verdict', {
            source: source.name,
            colour: verdict.colour,
            reason: verdict.reason,
          });
        },
        (error: unknown) => {
          seams.logger.warn('frame-failed', { source: source.name, message: String(error) });
        },
      );
    };
    return source.kind === 'stream'
      ? startStream(source, takeFrame, seams)
      : startDirectory({ ...source, maxFileBytes: config.maxBodyBytes }, takeFrame, seams);
  });
}
