import type { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { thingName } from '@foyer/contracts';
import type { Clock, Logger, TopicClient } from '@foyer/platform';
import { installMeshCertificate, makeMeshKey } from '../../adapters/control/mesh-key.ts';
import { operations } from '../../adapters/control/operations.ts';
import type { ControlStore } from '../../adapters/control/store.ts';
import type { AgentConfig } from '../../config.ts';
import { Thing } from './thing.ts';

/** What a running agent gives to its shadow and jobs. */
export interface ThingParts {
  store: ControlStore;
  clock: Clock;
  logger: Logger;
  /** The hash of the programme that screens follow; null where there is none. */
  programme: () => string | null;
}

export interface ThingSettings {
  config: AgentConfig;
  version: string;
  /** A digest of the configuration in force. */
  digest: string;
  openTopics: () => TopicClient;
  /** The newest lines of this program's log. */
  logs: () => string;
  /** Why a certificate is not that of this node; null where it is. */
  wrongCertificate: (certificate: X509Certificate) => string | null;
}

// Changes with each start of the machine; on another system a reboot is never seen to succeed.
function machineBoot(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return 'unknown';
  }
}

/** The shadow and jobs of a node whose configuration names a thing. */
export function openThing(settings: ThingSettings, parts: ThingParts): Thing {
  const { config, version, digest, openTopics, logs, wrongCertificate } = settings;
  const { store, clock, logger, programme } = parts;
  const { thing, mesh, role } = config;
  const run = operations({
    role,
    setMode: (mode) => store.setMode(mode),
    logs,
    logHosts: thing?.logHosts ?? [],
    rebootCommand: thing?.rebootCommand ?? [],
    makeKey: () => makeMeshKey(mesh),
    installCertificate: (pem) => installMeshCertificate(mesh, pem, wrongCertificate),
  });
  return new Thing({
    topics: openTopics(),
    thing: thing?.name ?? thingName(config.theatreNo, config.node),
    ...{ store, clock, logger, run },
    own: () => ({ software: version, config: digest, programme: programme(), mode: store.mode() }),
    apply({ mode }) {
      if (mode === undefined || role !== 'gate' || mode === store.mode()) return;
      store.setMode(mode);
      logger.info('gate-switched', { mode, by: 'shadow' });
    },
    machineBoot: machineBoot(),
  });
}
