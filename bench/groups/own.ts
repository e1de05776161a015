import type { MetricRow } from '../../lib/catalogue/row.ts';
import { findCollector } from '../../lib/collectors/registry.ts';
import { findKind } from '../../lib/inventory/kinds.ts';
import { enumWords } from '../../lib/vsphere/vim25/enum-words.ts';
import { resolvePath } from '../../lib/vsphere/vim25/resolve-path.ts';
import { answer, startGateway } from '../../test/integration/sinks/gateway.ts';
import { createTemporaryFolder } from '../../test/support/peers/temporary-folder.ts';
import { buildVsweep } from '../clients.ts';
import { figureRow, runContest } from '../contest.ts';
import { type InventoryMeasured, prepareSweeps } from '../inventory-contestants.ts';
import { startSimulation } from '../processes.ts';
import type { Row, Target } from '../row.ts';
import type { InventoryOrder, SimulatedInventory } from '../simulated-inventory.ts';

const ROUNDS = 7;
const ESTATE: InventoryOrder = { hosts: 1_000, machines: 4_000, tags: 0 };
const COST: Target = { atMost: 1.3, of: 'peer' };
const COLLECTORS = ['hosts', 'vms', 'vm-guests', 'datastores', 'resource-pools'];
const OWN_METRICS = 50;

/** A run of 50 own metrics, beside one of the built-in rows of the same properties, by turns. */
export async function measureOwn(): Promise<Row[]> {
  await buildVsweep();
  await using vcenter = await startSimulation<SimulatedInventory>('simulated-inventory.ts', ESTATE);
  await using gateway = await startGateway([answer(200)]);
  await using ownFolder = await createTemporaryFolder('bench');
  await using builtInFolder = await createTemporaryFolder('bench');
  const own = await prepareSweeps(vcenter.made, {
    ...{ name: 'own metrics', folder: ownFolder.path, gateway, collectors: ['own'] },
    metrics: { own: ownMetrics() },
  });
  const builtIn = await prepareSweeps(vcenter.made, {
    ...{ name: 'built-in rows', folder: builtInFolder.path, gateway, collectors: COLLECTORS },
  });
  const contest = await runContest({ own, builtIn }, { rounds: ROUNDS });
  const what = `${OWN_METRICS} own metrics of 1,000 hosts and 4,000 virtual machines`;
  const row = (figure: Parameters<typeof figureRow<InventoryMeasured>>[0]): Row =>
    figureRow<InventoryMeasured>(figure, contest.own, contest.builtIn);
  return [
    row({ what: `${what}, CPU`, unit: 's', read: ({ cpuMs }) => cpuMs / 1_000, target: COST }),
    row({ what, unit: 's', read: ({ ms }) => ms / 1_000, target: COST }),
    row({ what: `${what}, memory`, unit: 'MB', read: ({ rssMb = Number.NaN }) => rssMb }),
    row({ what: `${what}, series`, unit: 'series', read: ({ series }) => series }),
  ];
}

/** The built-in rows of one property each, as somebody would write them. */
function ownMetrics(): Readonly<Record<string, object>> {
  const rows = COLLECTORS.flatMap((name) => findCollector(name)?.rows ?? []).filter(
    ({ source }) => source.reads !== undefined,
  );
  const metrics = rows.slice(0, OWN_METRICS).map((row) => [`own_${row.name}`, toOwn(row)] as const);
  if (metrics.length < OWN_METRICS) throw new Error(`only ${metrics.length} rows are of one property`);
  return Object.fromEntries(metrics);
}

/** A text is a state set where the row is one, else a test. */
function toOwn({ kind, unit, source: { reads } }: MetricRow): object {
  const [type = ''] = findKind(kind).types;
  const property = `${type} ${reads?.path}`;
  if (reads?.as !== 'text') return { property };
  return unit === 'state'
    ? { property, states: enumWords(resolvePath(type, String(reads?.path))?.type ?? '') ?? ['connected'] }
    : { property, test: { matches: '^(?:poweredOn|connected|normal|toolsOk)$' } };
}
