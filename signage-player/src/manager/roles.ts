import { timingSafeEqual } from 'node:crypto';

import { FoyerError } from '@foyer/contracts';
import { sha256 } from '@foyer/platform/node';
import type { Request } from 'express';
import type { z } from 'zod';

import { roleSchema, type ManagerConfig } from './config.ts';

export type Role = z.infer<typeof roleSchema>;

/** Who makes a request. */
export interface Person {
  readonly name: string;
  readonly role: Role;
}

const rankOf = (role: Role): number => roleSchema.options.indexOf(role);

/**
 * Tells people apart by the bearer token of their requests. A browser sends that header for no page
 * of elsewhere, as it would a cookie.
 */
export class Doorman {
  readonly #known: readonly (Person & { digest: Buffer })[];
  readonly #people = new WeakMap<Request, Person>();

  constructor(roles: ManagerConfig['roles']) {
    this.#known = roles.map(({ name, role, tokenSha256 }) => {
      return { name, role, digest: Buffer.from(tokenSha256, 'hex') };
    });
  }

  /** Throws `unauthorised` without a token that is known, `identity-refused` below the role. */
  check(request: Request, role: Role): void {
    const [, token = ''] = /^Bearer (.{1,200})$/.exec(request.headers.authorization ?? '') ?? [];
    const told = sha256(token);
    const person = this.#known.find(({ digest }) => timingSafeEqual(digest, told));
    if (person === undefined) {
      throw new FoyerError('unauthorised', 'This needs a token of the management page.', {
        whatToDo: 'Sign in with the token that your administrator gave you.',
      });
    }
    if (rankOf(person.role) < rankOf(role)) {
      throw new FoyerError('identity-refused', `A ${person.role} may not do this.`, {
        whatToDo: `Ask somebody with the role ${role}.`,
      });
    }
    this.#people.set(request, { name: person.name, role: person.role });
  }

  /** Who makes a request that was checked. */
  personOf(request: Request): Person {
    const person = this.#people.get(request);
    if (person === undefined) throw new Error('A request that nobody checked.');
    return person;
  }
}
