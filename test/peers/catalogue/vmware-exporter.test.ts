import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { ReaderFacts } from '../../../lib/catalogue/row.ts';
import { COUNTERS, HISTORICAL_COUNTERS } from '../../../lib/catalogue/sources/counter.ts';
import { PROPERTIES } from '../../../lib/catalogue/sources/property.ts';
import { runsBy } from '../../../lib/collectors/needs.ts';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import { parseExposition } from '../../support/exposition.ts';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { runVsweep } from '../../support/peers/run-vsweep.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { startVcsim, type Vcsim } from '../../support/peers/vcsim.ts';
import { startVmwareExporter } from '../../support/peers/vmware-exporter.ts';
import {
  VMWARE_EXPORTER_COUNTERS,
  VMWARE_EXPORTER_NAMES,
} from '../../unit/catalogue/vmware-exporter-names.ts';
import { INTENDED_DIFFERENCES, keyOf, type Ours, type Series } from './intended-differences.ts';

const isCounted = (reader: ReaderFacts) => reader === COUNTERS || reader === HISTORICAL_COUNTERS;
/**
 * Those that no host is asked for. Collectors of instances are left out: of these vcsim has none, and of a counter that is
 * asked for all instances it has not the whole either, because it echoes the asterisk.
 */
const READ = COLLECTORS.filter(
  (one) =>
    !runsBy([one], 'ask') &&
    one.rows.every(({ source, labels }) => !isCounted(source.reader) || labels.length === 0),
);
const OF_COUNTERS = READ.filter((one) => one.rows.every(({ source }) => isCounted(source.reader)));
/** vcsim has no other methods, and nothing of an appliance. */
const OF_PROPERTIES = READ.map(({ name, rows }) => ({
  name,
  metrics: rows.filter(({ source }) => (source.over?.source ?? source).reader === PROPERTIES),
})).filter(({ metrics }) => metrics.length > 0);
const COUNTED = new Set(
  (['host', 'vm'] as const).flatMap((kind) =>
    VMWARE_EXPORTER_COUNTERS[kind].map((name) => `vmware_${kind}_${name.replaceAll('.', '_')}`),
  ),
);
const ALL = new Set([...Object.keys(VMWARE_EXPORTER_NAMES), ...COUNTED]);
const LOST = INTENDED_DIFFERENCES.find((one) => one.difference === 'counters of lost hosts and machines');
const MACHINES = 2;

/** By lines, because equal series of one scrape are refused by our parser, as by Prometheus. */
const seriesIn = (text: string): Series[] =>
  text.split('\n').flatMap((line) =>
    line.startsWith('#')
      ? []
      : parseExposition(line === '' ? '' : `${line}\n`).map(({ name, labels, value }) => ({
          name,
          labels: Object.fromEntries(Object.entries(labels).filter(([, text]) => text !== '')),
          value,
        })),
  );

async function sweep(vcsim: Vcsim): Promise<Series[]> {
  await using folder = await createTemporaryFolder('catalogue');
  const config = join(folder.path, 'vsweep.yaml');
  const target = {
    name: 'vc01',
    url: vcsim.url,
    credentials: { env: 'VC' },
    tls: { sha256: [vcsim.sha256] },
  };
  const collectors = READ.map(({ name }) => name);
  await writeFile(
    config,
    stringify({
      targets: [target],
      sweeps: [{ name: 'inventory', every: '1m', collectors }],
      state: { path: 'state' },
    }),
  );
  const env = { VC_USER: vcsim.user, VC_PASSWORD: vcsim.password };
  const { stdout, stderr, exitCode } = await runVsweep(
    ['sweep', 'inventory', '--dry-run', '--config', config],
    { env },
  );
  expect(exitCode, stderr).toBe(0);
  parseExposition(stdout);
  return seriesIn(stdout);
}

describeWithPeers(['vcsim', 'vmware-exporter'], 'vmware_exporter 0.18.4 and vsweep on one vCenter', () => {
  let theirs: readonly Series[] = [];
  let ours: Ours;

  beforeAll(async () => {
    await using vcsim = await startVcsim({
      datacenters: 2,
      hostsPerCluster: 3,
      machinesPerCluster: MACHINES,
      estate: true,
    });
    await using exporter = await startVmwareExporter(vcsim);
    theirs = seriesIn(await exporter.scrape()).filter(({ name }) => ALL.has(name));
    const series = await sweep(vcsim);
    const values = new Map(series.map((one) => [keyOf(one), one.value]));
    ours = { series, valueOf: (one) => values.get(keyOf(one)) };
    // Programs in Python, Go and Node start on cores that others may want.
  }, 400_000);

  const namesOf = (series: readonly Series[]) => new Set(series.map(({ name }) => name));

  it('have all 95 metrics in both, so that they are compared', () => {
    expect(ALL.size).toBe(95);
    expect(namesOf(theirs)).toEqual(ALL);
    expect([...ALL].filter((name) => !namesOf(ours.series).has(name))).toEqual([]);
  });

  it('agree on every series and value but for the intended differences', () => {
    const isEqual = (one: Series) =>
      ours.valueOf(one) === one.value && theirs.filter((other) => keyOf(other) === keyOf(one)).length === 1;
    const unexplained = theirs.filter(
      (one) => !isEqual(one) && !INTENDED_DIFFERENCES.some(({ explains }) => explains(one, { ours, theirs })),
    );
    expect(unexplained).toEqual([]);
    // Most of them are equal; a difference that explains all would hide that there is none.
    expect(theirs.filter(isEqual).length).toBeGreaterThan(theirs.length / 2);
  });

  it.each(INTENDED_DIFFERENCES)('differ by $difference', ({ explains, isOurs }) => {
    const explained = theirs.filter(
      (one) => ours.valueOf(one) !== one.value && explains(one, { ours, theirs }),
    );
    const added = isOurs === undefined ? [] : ours.series.filter(isOurs);
    expect(explained.length + added.length).toBeGreaterThan(0);
    if (isOurs !== undefined) expect(theirs.filter(isOurs)).toEqual([]);
  });

  it('have the same series of performance counters, and no other', () => {
    const named = (series: readonly Series[]) =>
      [...new Set(series.map((one) => decodeURIComponent(keyOf(one))))].toSorted();
    const isLost = (one: Series) => LOST?.explains(one, { ours, theirs }) === true;
    const counted = theirs.filter((one) => COUNTED.has(one.name) && one.value !== -1 && !isLost(one));
    expect(named(ours.series.filter(({ name }) => COUNTED.has(name)))).toEqual(named(counted));
  });

  it.each([...OF_COUNTERS, ...OF_PROPERTIES])('has every metric of $name', ({ metrics }) => {
    const found = namesOf(ours.series);
    expect(metrics.map(({ name }) => name).filter((name) => !found.has(name))).toEqual([]);
  });
});
