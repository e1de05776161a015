import { type BigVcsim, HOSTS, MACHINES } from '../big-vcsim.ts';
import { govmomi, nodeContestant, pythonContestant } from '../clients.ts';
import { cpuTimeRow, memoryRow, runContest, timeRow } from '../contest.ts';
import type { RetrievalOrder } from '../retrieval-order.ts';
import type { Row } from '../row.ts';

const MOST_MEMORY_MB = 200;

type Case = Pick<RetrievalOrder, 'type' | 'paths' | 'objects'> & { readonly what: string };

const CASES: readonly Case[] = [
  { what: 'services of hosts', type: 'HostSystem', paths: ['config.service'], objects: HOSTS },
  {
    what: 'six properties of VMs',
    type: 'VirtualMachine',
    paths: [
      'name',
      'runtime.powerState',
      'runtime.host',
      'summary.config',
      'summary.quickStats',
      'guest.toolsRunningStatus',
    ],
    objects: MACHINES,
  },
  { what: 'summary and runtime of hosts', type: 'HostSystem', paths: ['summary', 'runtime'], objects: HOSTS },
];

/** Whole inventories, read by vsweep, by nobody (the download alone), by govmomi and by pyVmomi. */
export async function measureVcenter(bigVcsim: BigVcsim): Promise<Row[]> {
  if (bigVcsim.missing !== undefined)
    return [{ what: 'retrieval', unit: 's', ours: [], missing: bigVcsim.missing }];
  const vcsim = await bigVcsim.start();
  const { url, sha256, user: username, password } = vcsim;
  const rows: Row[] = [];
  for (const one of CASES) rows.push(...(await measureCase(one, { url, sha256, username, password })));
  return rows;
}

async function measureCase(
  { what, ...asked }: Case,
  account: Pick<RetrievalOrder, 'url' | 'sha256' | 'username' | 'password'>,
): Promise<Row[]> {
  const order: RetrievalOrder = { ...account, ...asked };
  const { ours, download, go, python } = await runContest(
    {
      download: nodeContestant('download', 'bare-download.ts', order),
      ours: nodeContestant('vsweep', 'retrieve.ts', order),
      go: govmomi(order),
      python: pythonContestant('pyVmomi', { file: 'pyvmomi_retrieval.py', library: 'pyVmomi' }, order),
    },
    { rounds: 3 },
  );
  return [
    timeRow(what, ours, download, { atMost: 1.5, of: 'peer' }),
    timeRow(what, ours, go, { atMost: 1, of: 'peer' }),
    timeRow(what, ours, python),
    cpuTimeRow(`${what}, CPU`, ours, go),
    cpuTimeRow(`${what}, CPU`, ours, download),
    memoryRow(`${what}, memory`, ours, go, { atMost: MOST_MEMORY_MB, of: 'unit' }),
    memoryRow(`${what}, memory`, ours, python),
  ];
}
