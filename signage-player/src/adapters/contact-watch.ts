import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { emergencySchema } from '@foyer/contracts';
import type { LiveView } from '@foyer/contracts';
import type { Clock, Logger, Random, Timer } from '@foyer/platform';
import { z } from 'zod';

import type { ContactConfig } from '../config.ts';
import type { Alarm } from '../domain/alarms.ts';
import { contactReading, readContact } from '../domain/contact.ts';
import type { ContactState } from '../domain/contact.ts';
import type { AgentClient } from './agent-client.ts';
import { StateFile } from './state-file.ts';

const pollMs = 100;
const tellAgainMs = 500;
/** An agent that took an alarm has it in its live view within this, or somebody ended it there. */
const confirmMs = 5_000;
/** A contact that cannot be read for so many polls is a fault. */
const unreadablePolls = 50;

const alarmSchema = z.object({ emergency: emergencySchema, told: z.boolean() });
const alarmsSchema = z.record(z.string(), alarmSchema);

interface Contact {
  readonly config: ContactConfig;
  state: ContactState;
  unreadable: number;
  telling: boolean;
  /** When the agent took the newest state, monotonic; null: it did not yet. */
  heardAtMs: number | null;
}

export interface ContactOptions {
  readonly contacts: readonly ContactConfig[];
  readonly dataDir: string;
  readonly agent: Pick<AgentClient, 'ask'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly nowMs: () => number;
  /** The alarms changed: the pages are to be told. */
  readonly onChange: () => void;
  readonly onFault: (code: string, object: string) => void;
}

/**
 * Contact closures, such as a fire panel's relay. A closure raises one emergency and its opening
 * ends the same one; it is kept on disk, so that a restart neither raises it twice nor forgets it.
 */
export class ContactWatch {
  readonly #options: ContactOptions;
  readonly #contacts: readonly Contact[];
  readonly #file: StateFile<Record<string, Alarm>>;
  /** By the contact's path. */
  #alarms: Record<string, Alarm> = {};
  #timer: Timer | null = null;
  #retry: Timer | null = null;
  #closed = false;

  constructor(options: ContactOptions) {
    this.#options = options;
    this.#contacts = options.contacts.map((config) => ({
      config,
      state: { closed: false, against: 0 },
      unreadable: 0,
      telling: false,
      heardAtMs: null,
    }));
    this.#file = new StateFile(
      join(options.dataDir, 'state', 'contacts.json'),
      alarmsSchema,
      (error) => options.logger.warn('contacts-not-kept', { message: String(error) }),
    );
  }

  async start(): Promise<void> {
    if (this.#contacts.length === 0) return;
    this.#alarms = (await this.#file.read()) ?? {};
    for (const contact of this.#contacts) {
      const kept = this.#alarms[contact.config.path];
      contact.state = { closed: kept?.emergency.active === true, against: 0 };
      if (kept?.told === false) void this.#tell(contact);
    }
    void this.#poll();
  }

  get alarms(): Alarm[] {
    return Object.values(this.#alarms);
  }

  /** Contacts whose alarm the agent has not heard of. */
  get untold(): number {
    return this.alarms.filter(({ told }) => !told).length;
  }

  /** The agent told a live view: once that agrees with a contact, its word counts. */
  confirm(live: LiveView): void {
    for (const contact of this.#contacts) {
      const { path } = contact.config;
      const alarm = this.#alarms[path];
      if (alarm === undefined || alarm.told || contact.heardAtMs === null) continue;
      const { emergencyId, active } = alarm.emergency;
      const isShown = live.emergencies.some((known) => known.emergencyId === emergencyId);
      const isLate = this.#options.clock.monotonicMs() - contact.heardAtMs > confirmMs;
      if (isShown !== active && !isLate) continue;
      this.#alarms[path] = { ...alarm, told: true };
      this.#file.write(this.#alarms);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    this.#retry?.cancel();
    await this.#file.flush();
  }

  async #poll(): Promise<void> {
    await Promise.all(this.#contacts.map((contact) => this.#look(contact)));
    if (this.#closed) return;
    this.#timer = this.#options.clock.setTimer('contact-poll', pollMs, () => void this.#poll());
  }

  async #look(contact: Contact): Promise<void> {
    const { path, activeLow } = contact.config;
    const text = await readFile(path, 'utf8').catch(() => null);
    const reading = contactReading(text, activeLow);
    contact.unreadable = reading === null ? contact.unreadable + 1 : 0;
    if (contact.unreadable === unreadablePolls) {
      this.#options.logger.error('contact-unreadable', { path });
      this.#options.onFault('contact-unreadable', path);
    }
    const before = contact.state.closed;
    contact.state = readContact(contact.state, reading);
    if (contact.state.closed !== before) this.#changed(contact);
  }

  #changed(contact: Contact): void {
    const { random, logger, nowMs, onChange } = this.#options;
    const { path, emergency, by } = contact.config;
    const { closed } = contact.state;
    const known = this.#alarms[path];
    const emergencyId = closed || known === undefined ? random.uuid() : known.emergency.emergencyId;
    this.#alarms[path] = {
      emergency: { ...emergency, emergencyId, by, active: closed, atMs: nowMs() },
      told: false,
    };
    contact.heardAtMs = null;
    logger.warn(closed ? 'contact-closed' : 'contact-opened', { path, by, emergencyId });
    this.#file.write(this.#alarms);
    onChange();
    void this.#tell(contact);
  }

  /** Tells the agent the newest state until it answers. */
  async #tell(contact: Contact): Promise<void> {
    if (contact.telling) return;
    contact.telling = true;
    const { path } = contact.config;
    let isSilent = false;
    while (contact.heardAtMs === null && !this.#closed) {
      const alarm = this.#alarms[path];
      if (alarm === undefined) break;
      const isHeard = await this.#tellOnce(alarm);
      if (this.#alarms[path] !== alarm) continue;
      if (isHeard) {
        contact.heardAtMs = this.#options.clock.monotonicMs();
        break;
      }
      if (!isSilent) this.#options.logger.error('alarm-not-heard', { path, agent: 'silent' });
      isSilent = true;
      await this.#pause();
    }
    contact.telling = false;
  }

  async #tellOnce({ emergency }: Alarm): Promise<boolean> {
    const { atMs: _atMs, ...body } = emergency;
    const answer = await this.#options.agent
      .ask('POST', '/v1/emergency', body)
      .catch(() => ({ status: 0 }));
    return answer.status === 200;
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#retry = this.#options.clock.setTimer('alarm-again', tellAgainMs, resolve);
    });
  }
}
