import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { runningPrograms } from './program.ts';
import { Theatre } from './theatre.ts';

test('a theatre whose program cannot start says which, and leaves no process behind', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'foyer-theatre-'));
  try {
    const settings = {
      gates: 1,
      boxes: 0,
      managerToken: null,
      seed: 1,
      dir,
      apiKey: 'too short',
      signingKey: Buffer.alloc(32, 7).toString('base64url'),
      demandPerS: 1,
    };
    const start = Theatre.start(settings, {
      progress: () => undefined,
      onGuestLine: () => undefined,
    });
    await expect(start).rejects.toThrow(/cloud ended at its start .*apiKey/s);
    expect(runningPrograms()).toBe(0);
    expect(existsSync(join(dir, 'gate-1.log'))).toBe(true);
    expect(await readFile(join(dir, 'cloud.log'), 'utf8')).toContain('apiKey');
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}, 150_000);
