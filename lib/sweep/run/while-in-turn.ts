import type { Flights } from '../../logins/trial/flights.ts';
import type { BatchHost } from '../batch.ts';
import { leaveForTurn } from '../dispatch/left-for-turn.ts';
import type { HeldTurn } from './ssh-turn.ts';

type Recorded = Pick<Flights<BatchHost>, 'begin'>;

/**
 * Hosts are asked only in the turn of their run. Each batch is put on record first, and then the turn is confirmed: a run
 * that took it meanwhile sees the batch, or this run sees that it has the turn no more. While a run waits that comes first,
 * no further batch begins: its hosts are left for the next turn. Those that are asked with care are few.
 */
export const whileInTurn = (
  turn: Pick<HeldTurn, 'confirm' | 'isWanted'>,
  record: Recorded | undefined,
): Recorded => ({
  async begin(batch, options) {
    if (batch.care === undefined && (await turn.isWanted?.(options))) return batch.hosts.map(leaveForTurn);
    const hosts = (await record?.begin(batch, options)) ?? batch.hosts;
    if (await turn.confirm()) return hosts;
    return hosts.map(turn.isWanted === undefined ? leaveAlone : leaveForTurn);
  },
});

const leaveAlone = (host: BatchHost): BatchHost =>
  host.ssh === 'try' ? { ...host, ssh: { skip: 'other-process', why: LOST } } : host;

const LOST =
  'no login was tried: this run was delayed, and another sweep asks the hosts of this target by now. The next run tries again';
