import type { BatchHost, LeftAlone } from '../batch.ts';

/** One object, by which a host is known that its run asks in its next turn, if it gets one. */
const LEFT: LeftAlone = {
  skip: 'other-process',
  why:
    'no login was tried: this run gave way to a more frequent sweep of the same hosts, or was delayed and lost its turn, and ' +
    'no time was left to get the turn again. The next run tries again',
};

/** Nobody logs in to it in this turn. */
export const leaveForTurn = (host: BatchHost): BatchHost =>
  host.ssh === 'try' ? { ...host, ssh: LEFT } : host;

export const isLeftForTurn = ({ ssh }: Pick<BatchHost, 'ssh'>): boolean => ssh === LEFT;
