import { createTemporaryFolder } from '../../test/support/peers/temporary-folder.ts';
import type { BigVcsim } from '../big-vcsim.ts';
import { type Entry, figureRow, runContest } from '../contest.ts';
import {
  type DownloadMeasured,
  type InventoryMeasured,
  prepareInventory,
  vmwareExporter,
} from '../inventory-contestants.ts';
import { type Measured, spreadOf } from '../measured.ts';
import type { Row, Target } from '../row.ts';

const ROUNDS = 5;
/** A scrape takes a minute or more. */
const ROUNDS_OF_EXPORTER = 2;

const TIME_OF_EXPORTER = 0.1;
const TENTH_OF_EXPORTER: Target = { atMost: TIME_OF_EXPORTER, of: 'peer' };
const TIME_OF_DOWNLOAD: Target = { atMost: 1.3, of: 'peer' };
const CPU_OF_EXPORTER: Target = { atMost: 1 / 8, of: 'peer' };
const MEMORY: Target = { atMost: 200, of: 'unit' };

/** All that vmware_exporter collects, of a whole inventory: by vsweep, by itself, and by nobody (the download alone). */
export async function measureInventory(bigVcsim: BigVcsim): Promise<Row[]> {
  if (bigVcsim.missing !== undefined)
    return [{ what: 'inventory', unit: 's', ours: [], missing: bigVcsim.missing }];
  const vcsim = await bigVcsim.start();
  await using folder = await createTemporaryFolder('bench');
  await using prepared = await prepareInventory(vcsim, folder.path);
  const { ours, warm, download } = prepared;
  const before = await runContest({ exporter: vmwareExporter(vcsim) }, { rounds: ROUNDS_OF_EXPORTER });
  const quick = await runContest<'ours' | 'warm' | 'download', Measured>(
    { ours, warm, download },
    { rounds: ROUNDS },
  );
  return rowsOf({
    ours: quick.ours as Entry<InventoryMeasured>,
    warm: quick.warm,
    download: quick.download as Entry<DownloadMeasured>,
    exporter: before.exporter,
  });
}

/**
 * Of a process that swept before, as vmware_exporter's has been started before: a tenth of the exporter's time is asked
 * for where the download alone leaves room for it, else 1.3 times that.
 */
export function rowsOf({
  ours,
  warm,
  download,
  exporter,
}: {
  readonly ours: Entry<InventoryMeasured>;
  readonly warm: Entry;
  readonly download: Entry<DownloadMeasured>;
  readonly exporter: Entry<InventoryMeasured>;
}): Row[] {
  const what = 'everything of vmware_exporter';
  const isDownloadSlow = secondsOf(download) > TIME_OF_EXPORTER * secondsOf(exporter);
  const time = { what, unit: 's', read: ({ ms }: Measured) => ms / 1_000 } as const;
  const cpu = { what: `${what}, CPU`, unit: 's', read: ({ cpuMs }: Measured) => cpuMs / 1_000 } as const;
  return [
    figureRow<Measured>(time, ours, exporter),
    figureRow<Measured>(time, ours, download),
    figureRow<Measured>(
      { ...time, what: `${what}, warm`, ...(isDownloadSlow ? {} : { target: TENTH_OF_EXPORTER }) },
      warm,
      exporter,
    ),
    figureRow<Measured>(
      { ...time, what: `${what}, warm`, ...(isDownloadSlow ? { target: TIME_OF_DOWNLOAD } : {}) },
      warm,
      download,
    ),
    figureRow<Measured>({ ...cpu, target: CPU_OF_EXPORTER }, ours, exporter),
    figureRow<Measured>({ ...cpu, what: `${what}, warm, CPU` }, warm, exporter),
    figureRow<Measured>(cpu, ours, download),
    figureRow<Measured>(
      {
        what: `${what}, memory`,
        unit: 'MB',
        read: ({ rssMb = Number.NaN }) => rssMb,
        target: MEMORY,
      },
      ours,
      exporter,
    ),
    figureRow<InventoryMeasured>(
      { what: `${what}, series`, unit: 'series', read: ({ series }) => series },
      ours,
      exporter,
    ),
    figureRow<DownloadMeasured>(
      { what: `${what}, its answers`, unit: 'MB', read: ({ bytes }) => bytes / 1_000_000 },
      download,
    ),
  ];
}

const secondsOf = (entry: Entry): number =>
  'missing' in entry ? Number.POSITIVE_INFINITY : spreadOf(entry.runs.map(({ ms }) => ms)).median / 1_000;
