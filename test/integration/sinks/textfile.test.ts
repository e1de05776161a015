import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDemoFleet } from '../../../lib/demo/fleet.ts';
import { parseExposition } from '../../support/exposition.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { createSink, FILE, holding, seriesOf } from '../../support/textfile-sink.ts';
import { start } from '../cli/vsweep-process.ts';
import { writeSweepFolder } from '../sweep/sweep-folder.ts';
import { startTarget } from '../vsphere/demo-target.ts';
import { answer, startGateway } from './gateway.ts';

describe('the sink textfile', () => {
  it('shows a reader the run before or this one, and never a part', async () => {
    await using folder = await createTemporaryFolder('textfile');
    const { sink } = createSink(folder.path);
    const count = 5_000;
    await sink.deliver(seriesOf(count, 0), holding);
    let isWriting = true;
    const writing = (async () => {
      for (let run = 1; run <= 15; run += 1) await sink.deliver(seriesOf(count, run), holding);
      isWriting = false;
    })();
    const seen = new Set<number>();
    let reads = 0;
    while (isWriting) {
      const values = parseExposition(await readFile(join(folder.path, FILE), 'utf8')).map(
        ({ value }) => value,
      );
      expect(values).toHaveLength(count);
      expect(new Set(values).size).toBe(1);
      seen.add(values[0] ?? -1);
      reads += 1;
    }
    await writing;
    expect(reads).toBeGreaterThan(0);
    expect(await readdir(folder.path)).toEqual([FILE]);
  });
});

describe('vsweep sweep', () => {
  /** Of a simulated vCenter, with these sinks. */
  async function sweep(folder: string, more: object, ...args: string[]) {
    await using vcenter = await startTarget({ hosts: createDemoFleet().map((host) => host.vcenter) });
    await writeSweepFolder(folder, vcenter, { name: 'inventory', collectors: ['hosts'] }, more);
    return await start(folder, 'sweep', 'inventory', ...args).ended;
  }

  it('delivers to each of several sinks, and one that fails costs the others nothing', async () => {
    await using folder = await createTemporaryFolder('sinks');
    await using vm = await startGateway([answer(204)]);
    await mkdir(join(folder.path, 'prom'));
    const { output, errors, exitCode } = await sweep(folder.path, {
      textfile: { path: 'prom' },
      stdout: {},
      victoriaMetrics: { url: vm.url },
      push: { url: 'http://127.0.0.1:1' },
    });
    expect(exitCode, errors).toBe(3);
    expect(errors).toMatch(
      /NOT DELIVERED to pushgateway, delivered to victoriametrics, delivered to textfile, delivered to stdout/,
    );
    const printed = parseExposition(output);
    expect(printed.find(({ name }) => name === 'vmware_host_power_state')?.labels).toMatchObject({
      job: 'vsweep_inventory',
      instance: 'vc01',
    });
    const text = await readFile(join(folder.path, 'prom', FILE), 'utf8');
    expect(parseExposition(text)).toEqual(printed);
    expect(parseExposition(vm.seen[0]?.text ?? '')).toHaveLength(printed.length);
  }, 60_000);

  it('tells of the sink that failed at the one that works, in the next run', async () => {
    await using folder = await createTemporaryFolder('sinks');
    await mkdir(join(folder.path, 'prom'));
    const sinkUp = async () => {
      const more = { textfile: { path: 'prom' }, push: { url: 'http://127.0.0.1:1' } };
      const { errors } = await sweep(folder.path, more);
      const series = parseExposition(await readFile(join(folder.path, 'prom', FILE), 'utf8'));
      expect(series.length, errors).toBeGreaterThan(60);
      return Object.fromEntries(
        series.flatMap(({ name, labels, value }) =>
          name === 'vsweep_sink_up' ? [[labels['sink'], value]] : [],
        ),
      );
    };
    expect(await sinkUp()).toEqual({});
    expect(await sinkUp()).toEqual({ pushgateway: 0, textfile: 1 });
  }, 60_000);

  it('deletes the file of a sweep that the configuration no longer names', async () => {
    await using folder = await createTemporaryFolder('sinks');
    await using vcenter = await startTarget();
    await mkdir(join(folder.path, 'prom'));
    const runOf = async (name: string) => {
      const textfile = { textfile: { path: 'prom' } };
      await writeSweepFolder(folder.path, vcenter, { name, collectors: ['hosts'] }, textfile);
      const { exitCode, errors } = await start(folder.path, 'sweep', name).ended;
      expect(exitCode, errors).toBe(0);
      return await readdir(join(folder.path, 'prom'));
    };
    expect(await runOf('before')).toEqual(['vsweep_before@vc01.prom']);
    expect(await runOf('after')).toEqual(['vsweep_after@vc01.prom']);
  }, 60_000);

  it('delivers nothing to them in a dry run', async () => {
    await using folder = await createTemporaryFolder('sinks');
    await mkdir(join(folder.path, 'prom'));
    const { output, exitCode, errors } = await sweep(
      folder.path,
      { textfile: { path: 'prom' } },
      '--dry-run',
    );
    expect(exitCode, errors).toBe(0);
    expect(parseExposition(output).length).toBeGreaterThan(60);
    expect(await readdir(join(folder.path, 'prom'))).toEqual([]);
  }, 60_000);
});
