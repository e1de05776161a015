import type { BigVcsim } from '../big-vcsim.ts';
import { type Entry, figureRow, runContest, timeRow } from '../contest.ts';
import { percentileOf, spreadOf } from '../measured.ts';
import {
  type Asked,
  discover,
  type PollerMeasured,
  programContestant,
  wireContestant,
} from '../poll-contestants.ts';
import { startOurs, startTheirs } from '../pollers.ts';
import type { Row, Target } from '../row.ts';

const ROUNDS = 3;
const CLIENTS = 50;
/** vPoller takes some 400 ms for one request, so it is given fewer. */
const BY_ONE = { ours: 300, theirs: 40 };
const BY_MANY = { ours: 3_000, theirs: 100 };
/** Until sessions are open and names are known. */
const WARM_UP = { ours: 20, theirs: 4 };
const BY_PROGRAM = { ours: 5, theirs: 5 };
/** So few that vPoller with its cache can be asked for each before. */
const KNOWN_NAMES = 10;

/** Twenty times as quick. */
const QUICK: Target = { atMost: 0.05, of: 'peer' };
const ONE: Target = { atMost: 1, of: 'unit' };

type Contest = Record<'ours' | 'theirs', Entry<PollerMeasured>>;

/** The same requests to `vsweep gateway` and to vPoller, which ask the same vCenter. */
export async function measurePolls(bigVcsim: BigVcsim): Promise<Row[]> {
  const { missing } = bigVcsim;
  if (missing !== undefined) return [{ what: 'polls', unit: 'ms', ours: [], missing }];
  const vcsim = await bigVcsim.start();
  await using ours = await startOurs(vcsim);
  await using theirs = await startTheirs(vcsim, { name: 'vPoller' });
  const machines = { vcsim, method: 'vm.get', names: await discover('vm.discover', ours) } as const;
  const hosts = { vcsim, method: 'host.get', names: vcsim.hosts } as const;

  const contest = async (asked: Omit<Asked, 'requests'>, requests: typeof BY_ONE): Promise<Contest> => {
    const contestants = (counts: typeof BY_ONE) => ({
      ours: wireContestant(ours, { ...asked, requests: counts.ours }),
      theirs: wireContestant(theirs, { ...asked, requests: counts.theirs }),
    });
    await runContest(contestants(WARM_UP), { rounds: 1 });
    return await runContest(contestants(requests), { rounds: ROUNDS });
  };
  const ofMachines = await contest({ ...machines, clients: 1 }, BY_ONE);
  const ofHosts = await contest({ ...hosts, clients: 1 }, BY_ONE);
  const ofMany = await contest({ ...machines, clients: CLIENTS }, BY_MANY);
  const program = await runContest(
    {
      ours: programContestant(ours, { ...machines, requests: BY_PROGRAM.ours }),
      theirs: programContestant(theirs, { ...machines, requests: BY_PROGRAM.theirs }),
    },
    { rounds: ROUNDS },
  );
  await using caching = await startTheirs(vcsim, {
    name: 'vPoller, its cache on',
    isCaching: true,
    workers: 1,
  });
  const known = machines.names.slice(-KNOWN_NAMES);
  const cached = wireContestant(caching, { ...machines, names: known, clients: 1, requests: KNOWN_NAMES });
  await runContest({ cached }, { rounds: 1 });
  const { cached: ofCache } = await runContest({ cached }, { rounds: ROUNDS });
  return [
    ...latencyRows('vm.get', ofMachines),
    figureRow({ what: 'vm.get, asked before', unit: 'ms', read: medianMs }, ofMachines.ours, ofCache),
    ...latencyRows('host.get', ofHosts),
    ...manyRows(`vm.get, ${CLIENTS} clients`, ofMany),
    timeRow('vm.get by vpoller-client', program.ours, program.theirs),
  ];
}

function latencyRows(what: string, { ours, theirs }: Contest): Row[] {
  return [
    figureRow({ what: `${what}, median`, unit: 'ms', read: medianMs, target: QUICK }, ours, theirs),
    figureRow(
      { what: `${what}, p99`, unit: 'ms', read: ({ eachMs }) => percentileOf(eachMs, 0.99) },
      ours,
      theirs,
    ),
    figureRow(
      {
        what: `${what}, calls a request`,
        unit: 'calls',
        read: ({ callsARequest }) => callsARequest,
        target: ONE,
      },
      ours,
      theirs,
    ),
  ];
}

function manyRows(what: string, { ours, theirs }: Contest): Row[] {
  const perSecond = ({ eachMs, ms }: PollerMeasured) => (eachMs.length / ms) * 1_000;
  return [
    figureRow({ what: `${what}, requests`, unit: 'a second', read: perSecond }, ours, theirs),
    figureRow({ what: `${what}, median`, unit: 'ms', read: medianMs }, ours, theirs),
    figureRow(
      {
        what: `${what}, calls a request`,
        unit: 'calls',
        read: ({ callsARequest }) => callsARequest,
        target: ONE,
      },
      ours,
      theirs,
    ),
    figureRow({ what: `${what}, memory`, unit: 'MB', read: ({ memoryMb }) => memoryMb }, ours, theirs),
    figureRow(
      { what: `${what}, sessions`, unit: 'sessions', read: ({ sessions }) => sessions, target: ONE },
      ours,
      theirs,
    ),
  ];
}

const medianMs = ({ eachMs }: PollerMeasured): number => spreadOf(eachMs).median;
