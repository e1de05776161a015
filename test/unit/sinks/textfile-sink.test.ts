import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { createSink, FILE, GROUP, holding, running, seriesOf } from '../../support/textfile-sink.ts';

describe('the sink textfile', () => {
  it('writes a file per group that node_exporter can read: with job and instance, without times', async () => {
    await using folder = await createTemporaryFolder('textfile');
    const { sink, recorded } = createSink(folder.path);
    expect(await sink.deliver(seriesOf(2), holding)).toBe('delivered');
    expect(await readdir(folder.path)).toEqual([FILE]);
    expect(await readFile(join(folder.path, FILE), 'utf8')).toBe(
      '# HELP esxi_x x\n# TYPE esxi_x gauge\n' +
        'esxi_x{job="vsweep_inventory",instance="vc01",hostsystem="esx0"} 1\n' +
        'esxi_x{job="vsweep_inventory",instance="vc01",hostsystem="esx1"} 1\n',
    );
    expect((await stat(join(folder.path, FILE))).mode & 0o777).toBe(0o644);
    expect([...recorded]).toEqual(['vc01']);
  });

  it('leaves the file of the other run when it lost the lease', async () => {
    await using folder = await createTemporaryFolder('textfile');
    const { sink } = createSink(folder.path);
    await sink.deliver(seriesOf(1, 7), holding);
    expect(await sink.deliver(seriesOf(1, 8), { ...running, holdsLease: async () => false })).toBe(
      'lease-lost',
    );
    expect(await readdir(folder.path)).toEqual([FILE]);
    expect(await readFile(join(folder.path, FILE), 'utf8')).toContain(' 7\n');
  });

  it('leaves nothing half when the run ends meanwhile', async () => {
    await using folder = await createTemporaryFolder('textfile');
    const ending = new AbortController();
    const { sink } = createSink(folder.path);
    const holdsLease = async () => {
      ending.abort(new Error('out of time'));
      return true;
    };
    await expect(sink.deliver(seriesOf(1), { signal: ending.signal, holdsLease })).rejects.toThrow(
      'out of time',
    );
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('removes what a killed run left an hour ago, of its own group alone', async () => {
    await using folder = await createTemporaryFolder('textfile');
    const old = new Date(Date.now() - 61 * 60 * 1_000);
    const names = [`.${FILE}.aa.tmp`, `.${FILE}.bb.tmp`, '.vsweep_inventory@vc02.prom.cc.tmp', 'other.prom'];
    for (const name of names) await writeFile(join(folder.path, name), 'x 1\n');
    for (const name of [names[0], names[2], names[3]]) await utimes(join(folder.path, name ?? ''), old, old);
    await createSink(folder.path).sink.deliver(seriesOf(1), holding);
    expect((await readdir(folder.path)).toSorted()).toEqual([...names.slice(1), FILE].toSorted());
  });

  it('leaves files of others that begin as its own do, and those of exactly an hour ago', async () => {
    await using folder = await createTemporaryFolder('textfile');
    const now = Date.UTC(2026, 10, 29);
    const hour = 60 * 60;
    const files = {
      [`.${FILE}.old.tmp`]: now / 1_000 - hour - 1,
      [`.${FILE}.hour.tmp`]: now / 1_000 - hour,
      [`.${FILE}.old.txt`]: 0,
      [`x.${FILE}.old.tmp`]: 0,
    };
    for (const [name, seconds] of Object.entries(files)) {
      await writeFile(join(folder.path, name), '');
      await utimes(join(folder.path, name), seconds, seconds);
    }
    const clock = { now: () => now };
    await createSink(folder.path, { clock }).sink.deliver(seriesOf(1), holding);
    const left = Object.keys(files).slice(1);
    expect((await readdir(folder.path)).toSorted()).toEqual([...left, FILE].toSorted());
  });

  it('can be read by node_exporter under any umask', async () => {
    await using folder = await createTemporaryFolder('textfile');
    const { sink } = createSink(folder.path);
    let mode: number | undefined;
    const holdsLease = async () => {
      // What is made has its mode before it has its name.
      mode = (await stat(join(folder.path, `.${FILE}.1.tmp`))).mode & 0o777;
      return true;
    };
    await sink.deliver(seriesOf(1), { ...running, holdsLease });
    expect(mode).toBe(0o644);
  });

  it.each([
    [
      'ENOENT',
      'missing',
      /^\/x is no folder\. Create it, and start node_exporter with --collector\.textfile\.directory=\/x\.$/,
    ],
    ['ENOTDIR', 'missing', /^\/x is no folder\. /],
    ['EACCES', 'refused', /^\/x is not writable for this user \(EACCES\)\. Run: chown \d+ \/x$/],
    ['EPERM', 'refused', /\(EPERM\)/],
    ['EROFS', 'refused', /\(EROFS\)/],
    ['ENOSPC', 'full', /^the disk of \/x is full\. Free space there\.$/],
    ['EDQUOT', 'full', /^the disk of \/x is full\. /],
    ['EIO', 'broken', /^no file could be written in \/x: it went wrong$/],
    [undefined, 'broken', /^no file could be written in \/x: it went wrong$/],
  ])('says what to do about %s, and leaves no beginning', async (code, kind, message) => {
    await using folder = await createTemporaryFolder('textfile');
    const cause = Object.assign(new Error('it went wrong'), code === undefined ? {} : { code });
    const failing = { ...running, holdsLease: () => Promise.reject(cause) };
    const error = await createSink(folder.path)
      .sink.deliver(seriesOf(1), failing)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'TextfileError', code: kind, cause });
    expect((error as Error).message.replaceAll(folder.path, '/x')).toMatch(message);
    expect(await readdir(folder.path)).toEqual([]);
  });

  it.each([
    [
      'is not there',
      async (path: string) => join(path, 'missing'),
      'missing',
      /is no folder\. Create it, and start node_exporter with --collector\.textfile\.directory=/,
    ],
    [
      'is a file',
      async (path: string) => {
        await writeFile(join(path, 'file'), '');
        return join(path, 'file');
      },
      'missing',
      /is no folder/,
    ],
  ])('says what to do about a folder that %s', async (_, folderOf, code, message) => {
    await using folder = await createTemporaryFolder('textfile');
    const { sink } = createSink(await folderOf(folder.path));
    await expect(sink.deliver(seriesOf(1), holding)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it('says what to do about a name that is taken by a folder, and leaves no beginning', async () => {
    await using folder = await createTemporaryFolder('textfile');
    await mkdir(join(folder.path, FILE, 'x'), { recursive: true });
    await expect(createSink(folder.path).sink.deliver(seriesOf(1), holding)).rejects.toMatchObject({
      code: 'broken',
    });
    expect(await readdir(folder.path)).toEqual([FILE]);
  });

  it('is delivered when the group cannot be recorded, and says what that costs', async () => {
    await using folder = await createTemporaryFolder('textfile');
    const fail = () => Promise.reject(new Error('the state is away'));
    const { sink, lines } = createSink(folder.path, { groups: { record: fail } });
    expect(await sink.deliver(seriesOf(1), holding)).toBe('delivered');
    expect(lines.join()).toContain('the state is away');
  });

  it('ends with its signal while the group is recorded, and writes nothing', async () => {
    await using folder = await createTemporaryFolder('textfile');
    const ending = new AbortController();
    const record = async () => {
      ending.abort(new Error('out of time'));
      throw new Error('the state is away');
    };
    const { sink, lines } = createSink(folder.path, { groups: { record } });
    await expect(sink.deliver(seriesOf(1), { ...holding, signal: ending.signal })).rejects.toThrow(
      'out of time',
    );
    expect([await readdir(folder.path), lines]).toEqual([[], []]);
  });

  it('says why a file cannot be deleted', async () => {
    await using folder = await createTemporaryFolder('textfile');
    await mkdir(join(folder.path, FILE));
    const { sink } = createSink(folder.path);
    await expect(sink.forget(GROUP, running)).rejects.toMatchObject({
      name: 'TextfileError',
      message: expect.stringMatching(
        /^no file could be written in .*: EISDIR|is not writable for this user \(EPERM\)/,
      ),
    });
    expect(sink.name).toBe('textfile');
  });

  it('forgets a group with its file, and says whether there was one', async () => {
    await using folder = await createTemporaryFolder('textfile');
    const { sink } = createSink(folder.path);
    await sink.deliver(seriesOf(1), holding);
    expect(await sink.forget(GROUP, running)).toBe(true);
    expect(await readdir(folder.path)).toEqual([]);
    expect(await sink.forget(GROUP, running)).toBe(false);
  });
});
