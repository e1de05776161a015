import { expect, it } from 'vitest';
import { createProcessMemory } from '../../../lib/logins/history/process-memory.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import type { TargetReader } from '../../../lib/readers/target-reader.ts';
import { StateError } from '../../../lib/state/errors.ts';
import { runSweep } from '../../../lib/sweep/run/run-sweep.ts';
import type { SweepTargetDeps } from '../../../lib/sweep/run/sweep-target.ts';
import { parseExposition } from '../../support/exposition.ts';
import { createEstate, openState, type SshWhim } from '../../support/fake-estate.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { sinkOf } from '../../support/sink-of.ts';
import { expectConserved, outcomesOf } from './small-fleet.ts';

const running = { signal: new AbortController().signal };
const fault = () => {
  throw new TypeError('a fault of ours');
};

async function startBrokenEstate({ third = 'well' }: { third?: SshWhim } = {}) {
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(await createTemporaryFolder('broken-run'));
  const { state } = opening.use(await openState(folder.path));
  const target = {
    hosts: (['well', 'well', third] as const).map((ssh, index) => ({ address: `10.0.0.${index + 1}`, ssh })),
    login: 'well',
    listing: 'well',
    ticket: 'well',
    clone: 'well',
    retrieval: 'well',
    close: 'well',
  } as const;
  const estate = createEstate({ targets: [target], state, clock: systemClock, batch: () => 'well' });
  const pushed: string[] = [];
  const sink = sinkOf({
    put: async (_group, text) => void pushed.push(Buffer.concat(Array.from(text)).toString()),
    delete: async () => undefined,
  });
  const resources = opening.move();
  return {
    estate,
    state,
    pushed,
    async sweep(changes: Partial<SweepTargetDeps>, collectors?: readonly string[]) {
      const [services] = estate.sweep.config.sweeps;
      if (services === undefined) throw new RangeError('no sweep');
      const summary = await runSweep(
        { sweep: collectors === undefined ? services : { ...services, collectors: [...collectors] } },
        { ...estate.sweep, sinks: [sink], ...changes },
        running,
      );
      expectConserved(summary);
      const series = parseExposition(pushed.at(-1) ?? '');
      const values = (name: string) => series.filter((one) => one.name === name).map(({ value }) => value);
      const [swept] = summary.targets;
      return {
        ssh: outcomesOf(summary).map((line) => line.split(': ')[1]),
        details: [
          ...new Set(summary.targets.flatMap(({ hosts }) => hosts.flatMap(({ details }) => details))),
        ],
        problems: swept?.problems,
        deliveries: swept?.deliveries,
        exitCode: summary.exitCode,
        up: values('vsweep_target_up'),
        collectors: values('vsweep_collector_success'),
        hosts: values('vsweep_hosts').reduce((sum, value) => sum + value, 0),
      };
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

const LOST = {
  ssh: Array(3).fill('ok failed(worker)'),
  details: ['ssh: a fault of ours'],
  problems: ['internal error: a fault of ours. Please report it as a bug of vsweep'],
  deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }],
  exitCode: 3,
  up: [1],
  collectors: [1, 0],
  hosts: 6,
};

it('a fault of ours while hosts are asked loses no host and nothing that is read: they failed by ssh alone', async () => {
  await using broken = await startBrokenEstate();
  expect(await broken.sweep({ random: fault })).toEqual(LOST);
  expect(broken.estate.sessions).toEqual({ opened: 2, closed: 2 });
});

it('a fault of ours while objects are read loses what is read, and no host that is asked meanwhile', async () => {
  await using broken = await startBrokenEstate();
  const { problems, ...seen } = await broken.sweep({ maxBatchesPerTarget: 0 });
  expect(seen).toMatchObject({
    ssh: Array(3).fill('failed(worker) ok'),
    exitCode: 3,
    up: [1],
    collectors: [0, 1],
    hosts: 6,
  });
  expect(problems).toEqual([
    expect.stringMatching(/^internal error: .*Please report it as a bug of vsweep$/),
  ]);
});

it('a fault of ours while the sweep itself reads loses its collector alone', async () => {
  await using broken = await startBrokenEstate();
  const faulty = Object.defineProperty({}, 'facts', { get: fault }) as TargetReader<never>;
  const collectors = ['overall-status', 'ssh-services', 'tags'];
  expect(await broken.sweep({ targetReaders: [faulty] }, collectors)).toMatchObject({
    ssh: Array(3).fill('ok ok'),
    problems: LOST.problems,
    up: [1],
    collectors: [1, 1, 0],
    hosts: 6,
  });
});

it('a fault of ours while hosts are asked leaves no record of a batch that could not be struck off at once', async () => {
  // Two hosts are proven by the second run; the third is in a wave, whose order breaks it.
  await using broken = await startBrokenEstate({ third: 'fails' });
  await broken.sweep({});
  const { flights } = broken.state;
  const begun: string[] = [];
  const noted: string[] = [];
  let strikes = 0;
  const memory = createProcessMemory(broken.state, { now: () => systemClock.now() });
  const seen = await broken.sweep({
    random: fault,
    flights: {
      ...flights,
      begin: async (sweep, target, flight, options) => {
        begun.push(target);
        await flights.begin(sweep, target, flight, options);
      },
      end: async (...of) => {
        strikes += 1;
        if (strikes === 1) throw new StateError('the table is away', { code: 'unavailable' });
        await flights.end(...of);
      },
    },
    memory: {
      ...memory,
      note: ({ hosts }) => noted.push(...hosts.map(({ address }) => address)),
    },
  });
  expect(seen.problems).toEqual(LOST.problems);
  expect(begun).toHaveLength(1);
  const onMalformed = (_id: string, error: StateError) => {
    throw error;
  };
  expect(await flights.readAll('services', begun[0] ?? '', { ...running, onMalformed })).toEqual([]);
  expect(noted.sort()).toEqual(['10.0.0.1', '10.0.0.2']);
});

it('a fault of ours in the listing leaves the hosts of the last list, which are asked', async () => {
  await using broken = await startBrokenEstate();
  await broken.sweep({});
  const unprintable = Object.defineProperty(new Error(), 'message', { get: fault });
  expect(await broken.sweep({ login: () => Promise.reject(unprintable) })).toMatchObject({
    ssh: Array(3).fill('failed(target) ok'),
    problems: LOST.problems,
    deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }],
    up: [0],
    hosts: 6,
  });
});

it('a fault of ours while hosts are asked after the push leaves the push and the summary as they were', async () => {
  await using broken = await startBrokenEstate();
  await broken.sweep({});
  const { accounts } = broken.state;
  const { username } = await broken.estate.sweep.credentials.read({ env: 'X' }, running);
  await accounts.beginDial(username, '10.0.0.1', { until: systemClock.now() - 60_000 }, running);
  const pushes = broken.pushed.length;
  const errors: unknown[] = [];
  const log: SweepTargetDeps['log'] = {
    ...silentLog,
    warn: (message) => (message.includes('a worker ended') ? fault() : undefined),
    error: (_message, fields) => void errors.push(fields?.['error']),
  };
  expect(await broken.sweep({ log })).toMatchObject({
    ssh: ['ok failed(worker)', 'ok ok', 'ok ok'],
    deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }],
    problems: [],
  });
  expect(errors).toEqual(['a fault of ours']);
  expect(broken.pushed.length - pushes).toBe(1);
});
