import { seenLogins } from '../../logins/asked-batch.ts';
import { notBeside } from '../../logins/rules/held-back.ts';
import type { BatchHost } from '../batch.ts';
import type { FinishedBatch } from '../finished-batch.ts';
import { isLeftForTurn, leaveForTurn } from './left-for-turn.ts';

/**
 * Sends hosts that may all be asked at once, but for those that share an address and so the account's budget there: a
 * password that was changed behind us must cost it one refusal, not one a host. The first of an address goes with the
 * others, the rest of it when that one was accepted in this run; else the rest goes on without ssh.
 */
export async function sendByAddress(
  hosts: readonly BatchHost[],
  send: (hosts: readonly BatchHost[]) => readonly Promise<FinishedBatch>[],
): Promise<FinishedBatch[]> {
  const { asked = [], others = [] } = Object.groupBy(hosts, ({ ssh }) =>
    ssh === 'try' ? 'asked' : 'others',
  );
  // In the order of the state table's keys, so that a worker finds the hosts of its batch side by side there.
  const byAddress = Map.groupBy(asked.toSorted(byEndpoint), ({ address }) => address);
  const firsts = [...byAddress.values()].flatMap(([first]) => first ?? []);
  const finished = await Promise.all([
    ...send(others),
    ...send(firsts).map(async (sending) => {
      const batch = await sending;
      const accepted = new Set(
        seenLogins(batch)
          .filter(({ end }) => end === 'accepted')
          .map(({ host }) => host.address),
      );
      const rest = batch.hosts.flatMap((first) =>
        (byAddress.get(first.address)?.slice(1) ?? []).map((host) =>
          accepted.has(host.address) ? host : isLeftForTurn(first) ? leaveForTurn(host) : withoutSsh(host),
        ),
      );
      return [batch, ...(await Promise.all(send(rest)))];
    }),
  ]);
  return finished.flat();
}

/** As DynamoDB sorts: by bytes. */
const byEndpoint = (one: BatchHost, other: BatchHost): number => {
  const [a, b] = [`${one.address}:${one.port}`, `${other.address}:${other.port}`];
  return a < b ? -1 : Number(a > b);
};

const withoutSsh = (host: BatchHost): BatchHost => ({ ...host, ssh: notBeside(host) });
