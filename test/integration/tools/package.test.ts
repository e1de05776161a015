import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSandbox, ROOT, type Sandbox } from '../../unit/tools/sandbox.ts';
import { PROOF, startTarget } from '../vsphere/demo-target.ts';

/** What "npm pack" needs of a checkout, beside what is installed. */
const CHECKOUT = [
  'bin',
  'lib',
  'tools/build.cjs',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'tsconfig.library.json',
  'LICENSE',
];

/** A program of others, with types of everything that it gets. */
const CONSUMER = `
import { type EntityMetrics, openClient, VsphereLoginRefusedError } from 'vsweep/vsphere';

const [url = '', pin = '', username = '', password = ''] = process.argv.slice(2);
const signal = AbortSignal.timeout(60_000);
const tls = { sha256: [pin] };
const refused: unknown = await openClient({ url, tls, username, password: 'wrong', signal }).catch((error: unknown) => error);
await using client = await openClient({ url, tls, username, password, signal });
const names: string[] = [];
const entities = [];
for await (const { moref, properties } of client.list([{ type: 'HostSystem', paths: ['name'] }], { signal })) {
  names.push(String(properties.get('name')));
  entities.push(moref);
}
const usage = (await client.counters({ signal })).byName('cpu.usage.average');
if (usage === undefined) throw new Error('no such counter');
const metrics = [{ counterId: usage.key, instance: '' }];
const answers: EntityMetrics[] = [];
for await (const answer of client.queryPerformance({ kind: 'realtime', entities, metrics }, { signal })) answers.push(answer);
console.log(JSON.stringify({
  version: client.about.version,
  refused: refused instanceof VsphereLoginRefusedError && refused.fault,
  names,
  samples: answers.map(({ series }) => series.map(({ samples }) => samples.length)),
}));
`;
const COMPILER = {
  compilerOptions: {
    strict: true,
    exactOptionalPropertyTypes: true,
    module: 'nodenext',
    target: 'es2024',
    lib: ['es2024'],
    types: ['node'],
  },
  files: ['consumer.ts'],
};

describe('the packed tarball', () => {
  let consumer: Sandbox;
  beforeAll(() => {
    using checkout = createSandbox(CHECKOUT);
    checkout.write('package.json', readFileSync(join(ROOT, 'package.json'), 'utf8'));
    symlinkSync(join(ROOT, 'node_modules'), join(checkout.folder, 'node_modules'));
    consumer = createSandbox([]);
    const npm = (...args: string[]) => execFileSync('npm', args, { cwd: checkout.folder, encoding: 'utf8' });
    // Without a registry in reach it is unpacked where npm would put it.
    const [{ filename }] = JSON.parse(
      npm('pack', '--json', '--no-update-notifier', '--pack-destination', consumer.folder),
    );
    const installed = join(consumer.folder, 'node_modules/vsweep');
    mkdirSync(installed, { recursive: true });
    execFileSync('tar', ['-xzf', join(consumer.folder, filename), '--strip-components=1', '-C', installed]);
    symlinkSync(join(ROOT, 'node_modules/@types'), join(consumer.folder, 'node_modules/@types'));
    symlinkSync(join(ROOT, 'node_modules/undici-types'), join(consumer.folder, 'node_modules/undici-types'));
    consumer.write('consumer.ts', CONSUMER);
    consumer.write('tsconfig.json', JSON.stringify(COMPILER));
  });
  afterAll(() => consumer?.[Symbol.dispose]());

  it('has the types of vsweep/vsphere, by which a strict program compiles and reads a vCenter', async () => {
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
    const compile = () =>
      execFileSync(process.execPath, [compiler, '-p', consumer.folder], { encoding: 'utf8' });
    expect(compile()).toBe('');
    await using vcenter = await startTarget();
    const args = [vcenter.url, vcenter.sha256, PROOF.username, PROOF.password];
    const { code, stdout, stderr } = await consumer.run('consumer.js', args);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      version: '8.0.3',
      refused: 'InvalidLogin',
      names: ['esx1.example.org', 'esx2.example.org', 'esx3.example.org'],
      samples: [[1], [1], [1]],
    });
    expect(code).toBe(0);
    expect(vcenter.sessions()).toBe(0);
  });

  it.each([
    [
      'vsweep/vsphere',
      'TlsTrustError,VsphereConnectionError,VsphereFaultError,VsphereLoginError,VsphereLoginRefusedError,' +
        'VsphereReplyError,VsphereUnsupportedError,openClient',
    ],
    ['vsweep/package.json', 'name'],
    ['vsweep/dist/library/lib/vsphere/session/session.js', 'ERR_PACKAGE_PATH_NOT_EXPORTED'],
  ])('gives CommonJS what it exports, and nothing else: %s', async (name, found) => {
    consumer.write(
      'load.cjs',
      `try { console.log(Object.keys(require('${name}')).sort().join()) } catch (error) { console.log(error.code) }`,
    );
    const { stdout } = await consumer.run('load.cjs');
    expect(stdout).toContain(found);
  });
});
