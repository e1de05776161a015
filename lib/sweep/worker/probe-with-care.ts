import { sshAccount } from '../../logins/rules/principal.ts';
import type { HostAccountDeps } from '../../logins/trial/host-account.ts';
import { keepRecord, type LoginGate } from '../../logins/trial/keep-record.ts';
import type { AccountStore } from '../../state/stores/accounts.ts';
import type { BatchHost, BatchRequest } from '../batch.ts';
import { skipped } from '../outcome.ts';
import { GATE_SHUT, type Probed } from './probe-host.ts';

/** Where it stands which host is being dialled. */
export type DialRecords = Pick<AccountStore, 'beginDial' | 'endDial'>;

/**
 * Dials a host that a lost worker may have asked. A mark stands in the state table for as long as it is dialled, so that
 * a host that ends its worker is known, also where it does so before an attempt is on record. A host whose mark cannot
 * be written is not dialled.
 */
export async function probeWithCare(
  host: BatchHost,
  run: {
    readonly care: NonNullable<BatchRequest['care']>;
    readonly username: string;
    readonly gate: LoginGate;
    /** When the worker is done, in milliseconds since the epoch. */
    readonly endsAt: number;
  },
  deps: Pick<HostAccountDeps, 'clock' | 'log'> & { readonly records: DialRecords },
  probe: () => Promise<Probed>,
): Promise<Probed> {
  const { care, username, gate, endsAt } = run;
  const { user, address } = sshAccount({ username, scope: 'host' }, host.address);
  const write = (work: (options: { signal: AbortSignal }) => Promise<void>): Promise<boolean> => {
    const what = `marking that ${host.name} is dialled`;
    const failure = 'the record that a host is being contacted could not be written or removed';
    return keepRecord({ what, failure, of: { host: host.name }, gate }, deps, work);
  };
  const erase = (forgetFlights: boolean) =>
    write((options) => deps.records.endDial(user, address, { ...options, forgetFlights }));

  const shut: Probed = { outcome: skipped('state'), detail: GATE_SHUT };
  if (!gate.open) return shut;
  const mark = { until: endsAt, ...(care === 'alone' ? { alone: true } : {}) };
  if (!(await write((options) => deps.records.beginDial(user, address, mark, options)))) {
    // It may be there although its answer was lost, and would tell of an end that never was.
    if (care === 'slice') await erase(false);
    return shut;
  }
  const probed = await probe();
  // One at which a worker ended stays suspect until it answers.
  if (care === 'slice' || probed.login !== undefined) await erase(wasDialled(probed));
  return probed;
}

/**
 * The worker has outlived the host, so it was another one that ended the earlier worker, or it does so no more. A host
 * that is down would be asked with care for ever else, and all the others of the slices would wait for its time-outs.
 */
const wasDialled = ({ outcome }: Probed): boolean =>
  outcome.kind === 'ok' || (outcome.kind === 'failed' && !['deadline', 'worker'].includes(outcome.reason));
