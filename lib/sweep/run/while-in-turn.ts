import type { Flights } from '../../logins/trial/flights.ts';
import type { BatchHost } from '../batch.ts';
import type { HeldTurn } from './ssh-turn.ts';

type Recorded = Pick<Flights<BatchHost>, 'begin'>;

/**
 * Hosts are asked only in the turn of their run. Each batch is put on record first, and then the turn is confirmed: a run
 * that took it meanwhile sees the batch, or this run sees that it has the turn no more.
 */
export const whileInTurn = (turn: Pick<HeldTurn, 'confirm'>, record: Recorded | undefined): Recorded => ({
  async begin(batch, options) {
    const hosts = (await record?.begin(batch, options)) ?? batch.hosts;
    return (await turn.confirm()) ? hosts : hosts.map(leftAlone);
  },
});

const leftAlone = (host: BatchHost): BatchHost =>
  host.ssh === 'try' ? { ...host, ssh: { skip: 'other-process', why: LOST } } : host;

const LOST =
  'no login was tried: this run was delayed, and another sweep asks the hosts of this target by now. The next run tries again';
