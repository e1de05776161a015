import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../lib/cli/load-config.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';

const [PEM = ''] = rootCertificates;

describe('loadConfig', () => {
  it('tells files that are missing or no PEM together with all other faults', async () => {
    await using folder = await createTemporaryFolder('load-config');
    const file = join(folder.path, 'vsweep.yaml');
    await writeFile(join(folder.path, 'notes.txt'), 'no certificate');
    await writeFile(
      file,
      [
        'targets:',
        '  - { name: a, site: 5, credentials: { env: A }, tls: { ca: missing.pem } }',
        '  - { name: b, credentials: { env: A }, tls: { ca: notes.txt } }',
        'sweeps: [{ name: s, every: 1m, collectors: [nothing] }]',
      ].join('\n'),
    );
    await expect(loadConfig(file)).rejects.toMatchObject({
      code: 'config',
      issues: [
        { path: 'targets[0].site', place: { line: 2, column: 16 } },
        { path: 'targets[0].tls.ca', message: expect.stringContaining('ENOENT') },
        { path: 'targets[1].tls.ca', message: expect.stringContaining('it contains no PEM certificate') },
        { path: 'sweeps[0].collectors[0]', place: { line: 4, column: 45 } },
      ],
    });
  });

  it('refuses a PEM file as the only fault, and takes one that is proper', async () => {
    await using folder = await createTemporaryFolder('load-config');
    const file = join(folder.path, 'vsweep.yaml');
    const ca = join(folder.path, 'ca.pem');
    await writeFile(
      file,
      'targets: [{ name: a, credentials: { env: A }, tls: { ca: ca.pem } }]\n' +
        'sweeps: [{ name: s, every: 1m, collectors: [overall-status] }]\n',
    );
    await writeFile(ca, '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n');
    await expect(loadConfig(file)).rejects.toMatchObject({ issues: [{ path: 'targets[0].tls.ca' }] });
    await writeFile(ca, PEM);
    const { certificates } = await loadConfig(file);
    expect([...certificates]).toEqual([[ca, PEM]]);
  });

  it.each<[string, (folder: string) => string, string | RegExp]>([
    ['a misspelt name', (folder) => join(folder, 'vsweep.yml'), /did you mean --config \S*\/vsweep\.yaml\?$/],
    ['a folder', (folder) => folder, /is a folder; name a file in it: --config \S*\/vsweep\.yaml$/],
    [
      'a folder without any',
      (folder) => join(folder, 'empty'),
      /is a folder without a YAML file; name a file with --config$/,
    ],
    ['a path that is no folder', (folder) => join(folder, 'vsweep.yaml/x'), /ENOTDIR.*; name another file/],
    [
      'a name like none',
      (folder) => join(folder, 'production'),
      /ENOENT.*; name another file with --config$/,
    ],
  ])('says of %s what to write', async (_what, fileIn, message) => {
    await using folder = await createTemporaryFolder('load-config');
    await writeFile(join(folder.path, 'vsweep.yaml'), 'targets: []');
    await mkdir(join(folder.path, 'empty'));
    await expect(loadConfig(fileIn(folder.path))).rejects.toMatchObject({
      issues: [{ path: '', message: expect.stringMatching(message) }],
    });
  });
});
