import { join } from 'node:path';

import {
  describeClock,
  describeJournal,
  describeLogger,
  describeRandom,
} from '../conformance/index.ts';
import { makeTempDir, removeTempDir } from '../testing/cleanup.ts';
import { nodeClock } from './clock.ts';
import { openJournal } from './journal.ts';
import { pinoLogger } from './logger.ts';
import { nodeRandom } from './random.ts';

describeClock('node', () => {
  const clock = nodeClock();
  return {
    clock,
    advance: async (ms) => {
      // Node's timers and its monotonic clock round differently, by up to one millisecond.
      await new Promise<void>((resolve) => {
        clock.setTimer('advance', ms + 2, resolve);
      });
    },
  };
});

describeRandom('node', nodeRandom);

describeLogger('pino', () => {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => {
    lines.push(JSON.parse(line) as Record<string, unknown>);
  };
  return { logger: pinoLogger({ level: 'debug', destination: { write } }), lines: () => lines };
});

describeJournal('better-sqlite3', (migrations) => {
  const dir = makeTempDir('journal');
  const path = join(dir, 'a.db');
  let journal = openJournal({ path, migrations });
  return {
    journal,
    reopen(later = migrations) {
      journal.close();
      journal = openJournal({ path, migrations: later });
      return journal;
    },
    dispose() {
      journal.close();
      removeTempDir(dir);
    },
  };
});
