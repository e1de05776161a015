import { seenLogins } from '../../logins/asked-batch.ts';
import { notBeside } from '../../logins/rules/held-back.ts';
import type { BatchHost } from '../batch.ts';
import type { FinishedBatch } from '../finished-batch.ts';

/**
 * Sends hosts that may all be asked at once, but for those that share an address and so the account's budget there: a
 * password that was changed behind us must cost it one refusal, not one a host. The first of an address goes with the
 * others, the rest of it when that one was accepted in this run; else the rest goes on without ssh.
 */
export async function sendByAddress(
  hosts: readonly BatchHost[],
  send: (hosts: readonly BatchHost[]) => readonly Promise<FinishedBatch>[],
): Promise<FinishedBatch[]> {
  const asked = Map.groupBy(
    hosts.filter(({ ssh }) => ssh === 'try'),
    ({ address }) => address,
  );
  const behind = new Map([...asked.values()].map(([first, ...rest]) => [first?.moref, rest]));
  const firsts = hosts.filter(({ ssh, moref }) => ssh !== 'try' || behind.has(moref));
  const finished = await Promise.all(
    send(inTableOrder(firsts)).map(async (sending) => {
      const first = await sending;
      const accepted = new Set(
        seenLogins(first)
          .filter(({ end }) => end === 'accepted')
          .map(({ host }) => host.address),
      );
      const rest = first.hosts
        .flatMap(({ moref }) => behind.get(moref) ?? [])
        .map((host) => (accepted.has(host.address) ? host : withoutSsh(host)));
      return [first, ...(await Promise.all(send(rest)))];
    }),
  );
  return finished.flat();
}

/**
 * The hosts that are asked in the order of the state table's keys, so that a worker finds those of its batch side by
 * side there, and the others evenly between them, so that each worker has its share of those that are asked.
 */
function inTableOrder(hosts: readonly BatchHost[]): BatchHost[] {
  const { asked = [], others = [] } = Object.groupBy(hosts, ({ ssh }) =>
    ssh === 'try' ? 'asked' : 'others',
  );
  const places = (some: readonly BatchHost[]) =>
    some.map((host, index) => ({ host, place: (index + 0.5) / some.length }));
  return [...places(others), ...places(asked.toSorted(byEndpoint))]
    .toSorted((one, other) => one.place - other.place)
    .map(({ host }) => host);
}

/** As DynamoDB sorts: by bytes. */
const byEndpoint = (one: BatchHost, other: BatchHost): number => {
  const [a, b] = [`${one.address}:${one.port}`, `${other.address}:${other.port}`];
  return a < b ? -1 : Number(a > b);
};

const withoutSsh = (host: BatchHost): BatchHost => ({ ...host, ssh: notBeside(host) });
