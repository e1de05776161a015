import { about } from './about.ts';
import { hostMethods } from './host.ts';
import type { PollMethod } from './method.ts';

/** Every method that a poll can ask for. */
export const POLL_METHODS: readonly PollMethod[] = [about, ...hostMethods];
