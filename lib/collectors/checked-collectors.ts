import type { KnownCollectors } from '../config/cross-checks.ts';
import { KNOWN_COLLECTORS } from './known-collectors.ts';
import { checkOwn } from './own/check-own.ts';

/** With the check of own metrics, for whoever reads a configuration that somebody wrote. */
export const CHECKED_COLLECTORS: KnownCollectors = { ...KNOWN_COLLECTORS, checkOwn };
