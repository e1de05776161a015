import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { askVpoller } from '../test/support/peers/ask-vpoller.ts';
import type { Vcsim } from '../test/support/peers/vcsim.ts';
import { vpollerClient } from '../test/support/peers/vpoller.ts';
import { type Contestant, isMissing, type Missing } from './clients.ts';
import { measure } from './measured.ts';
import type { PollOrder, PollsMeasured } from './poll-order.ts';
import type { Poller } from './pollers.ts';
import { memoryOfTree } from './process-tree.ts';
import { nodeClient, runClient } from './processes.ts';

const run = promisify(execFile);

/** One method, asked of many objects. */
export interface Asked extends Pick<PollOrder, 'method' | 'clients'> {
  readonly vcsim: Vcsim;
  /** Of the objects that there are. */
  readonly names: readonly string[];
  /** In a round. */
  readonly requests: number;
}

export interface PollerMeasured extends PollsMeasured {
  readonly callsARequest: number;
  /** What the poller holds when its last reply is out. */
  readonly memoryMb: number;
  readonly sessions: number;
}

/** Asks a poller over its wire, in each round about other objects. */
export function wireContestant(
  poller: Poller | Missing,
  { vcsim, names, requests, ...asked }: Asked,
): Contestant<PollerMeasured> | Missing {
  if (isMissing(poller)) return poller;
  const { name, endpoint, hostname } = poller;
  const next = spreadOut(names);
  const order = { ...asked, endpoint, hostname };
  return {
    name,
    run: async () => {
      const before = await vcsim.requests();
      const client = nodeClient('poll-wire.ts', { ...order, names: next(requests) } satisfies PollOrder);
      const measured = await runClient<PollsMeasured>(client);
      const calls = (await vcsim.requests()) - before;
      const sizes = await Promise.all(poller.pids.map(memoryOfTree));
      return {
        ...measured,
        callsARequest: calls / requests,
        memoryMb: sizes.reduce((sum, one) => sum + one, 0),
        sessions: await poller.sessions(),
      };
    },
  };
}

/** The unmodified vpoller-client, a process for each request. */
export function programContestant(
  poller: Poller | Missing,
  { names, requests, method }: Omit<Asked, 'clients' | 'vcsim'>,
): Contestant | Missing {
  if (isMissing(poller)) return poller;
  const { name, endpoint, hostname } = poller;
  const next = spreadOut(names);
  const args = ['-e', endpoint, '-V', hostname, '-m', method, '-p', 'runtime.powerState'];
  const askForEach = async (asked: readonly string[]) => {
    for (const one of asked) {
      const { stdout } = await run(vpollerClient, [...args, '-n', one]);
      assert.deepEqual(JSON.parse(stdout).result, [{ name: one, 'runtime.powerState': 'poweredOn' }], stdout);
    }
  };
  return {
    name,
    run: async () => {
      const { ms, cpuMs } = await measure(() => askForEach(next(requests)));
      return { ms: ms / requests, cpuMs };
    },
  };
}

/** The names of all objects of a type. */
export async function discover(method: 'vm.discover', poller: Poller): Promise<readonly string[]> {
  const { endpoint, hostname } = poller;
  const reply = await askVpoller(endpoint, { method, hostname }, { timeoutMs: 60_000 });
  const { result } = JSON.parse(String(reply)) as { result: readonly { name: string }[] };
  return result.map(({ name }) => name);
}

/** No divisor of the numbers of objects, so that all are asked for, from all over the inventory. */
const STRIDE = 1_597;

/** The next so many of the names, from the first again after the last. */
function spreadOut(names: readonly string[]): (count: number) => string[] {
  let taken = 0;
  return (count) =>
    Array.from({ length: count }, () => {
      const name = names[(taken * STRIDE) % names.length];
      taken += 1;
      if (name === undefined) throw new RangeError('no object to ask for');
      return name;
    });
}
