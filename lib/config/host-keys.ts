import * as z from 'zod';
import { section, text } from './schema-parts.ts';

const DATE_FORM = 'write the last day of trust-first in UTC, such as "2027-01-31"';
const FORM = '{ unknown: trust-first } or { unknown: refuse, file: <path of a known_hosts file> }';

/** What becomes of a host whose ssh key is not known. Which keys are known, `file` says, and the state. */
export const hostKeys = section(
  {
    /** Without it trust-first, with a warning when a password is sent; a deployment has to choose. */
    unknown: z.enum(['trust-first', 'refuse'], 'write trust-first or refuse').optional(),
    until: z.iso.date(DATE_FORM).optional(),
    file: text(4096, 'the path of a known_hosts file').optional(),
  },
  FORM,
)
  .refine(({ unknown, until }) => until === undefined || unknown === 'trust-first', {
    path: ['until'],
    message: 'belongs to unknown: trust-first, which it ends; write that, or leave "until" out',
  })
  .prefault({});

export type HostKeysConfig = z.output<typeof hostKeys>;

/** What becomes of an unknown key at a time: after the last day of `until`, by UTC, none is trusted any more. */
export function unknownKeysAt({ unknown, until }: HostKeysConfig, now: number): 'trust-first' | 'refuse' {
  if (unknown === 'refuse') return 'refuse';
  return until !== undefined && now >= endOf(until) ? 'refuse' : 'trust-first';
}

const DAY_MS = 86_400_000;

const endOf = (date: string): number => Date.parse(`${date}T00:00:00Z`) + DAY_MS;
