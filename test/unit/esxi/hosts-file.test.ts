import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHostsFileReader, parseHostsFile } from '../../../lib/esxi/hosts-file.ts';

describe('parseHostsFile', () => {
  it('knows each name of a line by its address, in lower case, in the order of the file', () => {
    const text = [
      '# the fleet',
      '192.0.2.1  ESX1.example.org\tesx1  # rack 1',
      '  2001:db8::1 esx1',
      '192.0.2.1 esx1',
      'not-an-address esx2',
      '192.0.2.3',
      '',
    ].join('\r\n');
    expect([...parseHostsFile(text)]).toEqual([
      ['esx1.example.org', ['192.0.2.1']],
      ['esx1', ['192.0.2.1', '2001:db8::1']],
    ]);
  });

  it('knows no name that is commented out', () => {
    expect(parseHostsFile('#192.0.2.1 esx1\n192.0.2.2 #esx2').size).toBe(0);
  });
});

describe('createHostsFileReader', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hosts-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('reads the file anew when it has changed, and only then', async () => {
    const path = join(folder, 'hosts');
    const read = createHostsFileReader(path);
    await writeFile(path, '192.0.2.1 esx1\n');
    const first = await read();
    expect(first.get('esx1')).toEqual(['192.0.2.1']);
    expect(await read()).toBe(first);
    await writeFile(path, '192.0.2.22 esx1\n');
    expect((await read()).get('esx1')).toEqual(['192.0.2.22']);
  });

  it('knows no name while the file cannot be read', async () => {
    expect((await createHostsFileReader(join(folder, 'none'))()).size).toBe(0);
  });

  it('reads the first MiB of a file that is larger', async () => {
    const path = join(folder, 'hosts');
    const start = '192.0.2.1 first\n';
    await writeFile(path, `${start}${' '.repeat(1024 * 1024 - start.length)}\n192.0.2.2 behind\n`);
    expect([...(await createHostsFileReader(path)()).keys()]).toEqual(['first']);
  });
});
