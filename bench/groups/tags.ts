import { answer, startGateway } from '../../test/integration/sinks/gateway.ts';
import { createTemporaryFolder } from '../../test/support/peers/temporary-folder.ts';
import { buildVsweep } from '../clients.ts';
import { figureRow, runContest } from '../contest.ts';
import { INVENTORY_COLLECTORS, type InventoryMeasured, prepareSweeps } from '../inventory-contestants.ts';
import { startSimulation } from '../processes.ts';
import type { Row, Target } from '../row.ts';
import type { InventoryOrder, SimulatedInventory } from '../simulated-inventory.ts';

const ROUNDS = 7;
const ESTATE: InventoryOrder = { hosts: 1_000, machines: 4_000, tags: 20 };
const COST: Target = { atMost: 1.2, of: 'peer' };

/** A run of a whole inventory with the tags of its machines, beside the same run without them, by turns. */
export async function measureTags(): Promise<Row[]> {
  await buildVsweep();
  await using vcenter = await startSimulation<SimulatedInventory>('simulated-inventory.ts', ESTATE);
  await using gateway = await startGateway([answer(200)]);
  await using tagged = await createTemporaryFolder('bench');
  await using plain = await createTemporaryFolder('bench');
  const prepare = (name: string, { path: folder }: { readonly path: string }, more: readonly string[]) =>
    prepareSweeps(vcenter.made, { name, folder, gateway, collectors: [...INVENTORY_COLLECTORS, ...more] });
  const { ours, without } = await runContest(
    { ours: await prepare('vsweep', tagged, ['tags']), without: await prepare('without tags', plain, []) },
    { rounds: ROUNDS },
  );
  const what = '20 tags on each of 4,000 virtual machines';
  const row = (figure: Parameters<typeof figureRow<InventoryMeasured>>[0]): Row =>
    figureRow<InventoryMeasured>(figure, ours, without);
  return [
    row({ what: `${what}, CPU`, unit: 's', read: ({ cpuMs }) => cpuMs / 1_000, target: COST }),
    row({ what, unit: 's', read: ({ ms }) => ms / 1_000, target: COST }),
    row({ what: `${what}, memory`, unit: 'MB', read: ({ rssMb = Number.NaN }) => rssMb }),
    row({ what: `${what}, series`, unit: 'series', read: ({ series }) => series }),
  ];
}
