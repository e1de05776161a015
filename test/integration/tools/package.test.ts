import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSandbox, ended, ROOT, type Sandbox } from '../../unit/tools/sandbox.ts';
import { PROOF, startTarget } from '../vsphere/demo-target.ts';

/** What "npm pack" needs of a checkout, beside what is installed. */
const CHECKOUT = [
  'bin',
  'lib',
  'cdk',
  'functions',
  'tools/build.cjs',
  'tools/build-functions.cjs',
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
/** An app that has a VPC, a topic and a key of its own. */
const APP = `
import { App, Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { ConfigError, Vsweep, type VsweepProps } from 'vsweep/cdk';

const app = new App({ outdir: 'cdk.out' });
const stack = new Stack(app, 'Fleet');
const vpc = new Vpc(stack, 'OwnVpc', { maxAzs: 2 });
const props: VsweepProps = {
  config: process.argv[2] ?? '',
  vpc,
  alarmTopic: new Topic(stack, 'OwnTopic'),
  secretsKey: new Key(stack, 'OwnKey'),
};
try {
  const { outputs } = new Vsweep(stack, 'Sweeper', props);
  if (outputs['SweepFunction'] === undefined) throw new Error('no function');
  app.synth();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
`;
const SWEPT = {
  targets: [
    { name: 'vc01.example.org', credentials: { secret: 'vsweep/vc01' }, tls: { sha256: ['0'.repeat(64)] } },
  ],
  sweeps: [{ name: 'status', every: '1m', collectors: ['overall-status'] }],
  aws: { stack: 'Fleet', network: { endpoints: 'nat', egressCidrs: ['10.20.0.0/16'] } },
};
/** What the construct imports; esbuild is not among it. */
const OF_THE_APP = ['aws-cdk-lib', 'constructs', '@types', 'undici-types', 'zod', 'yaml', 're2js'];

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

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
/** The CDK's own declarations fit neither. */
const COMPILER_OF_THE_APP = {
  compilerOptions: { ...COMPILER.compilerOptions, exactOptionalPropertyTypes: false, skipLibCheck: true },
  files: ['app.ts'],
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
    for (const name of OF_THE_APP) {
      symlinkSync(join(ROOT, 'node_modules', name), join(consumer.folder, 'node_modules', name));
    }
    consumer.write('consumer.ts', CONSUMER);
    consumer.write('app.ts', APP);
    consumer.write('tsconfig.json', JSON.stringify(COMPILER));
    consumer.write('app.json', JSON.stringify(COMPILER_OF_THE_APP));
  });
  afterAll(() => consumer?.[Symbol.dispose]());

  it.each(['tsconfig.json', 'app.json'])(
    'has types by which a strict program compiles: %s',
    async (project) => {
      const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
      const { code, stdout } = await ended(
        spawn(process.execPath, [compiler, '-p', join(consumer.folder, project)]),
      );
      expect(stdout).toBe('');
      expect(code).toBe(0);
    },
  );

  it('reads a vCenter by vsweep/vsphere', async () => {
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

  it('deploys by vsweep/cdk into what an app has, with the bundles of the package and without esbuild', async () => {
    consumer.write('vsweep.yaml', JSON.stringify(SWEPT));
    const { code, stderr } = await consumer.run('app.js', ['vsweep.yaml']);
    expect(code, stderr).toBe(0);
    const out = (...parts: string[]) => join(consumer.folder, 'cdk.out', ...parts);
    const { Resources } = JSON.parse(readFileSync(out('Fleet.template.json'), 'utf8')) as {
      Resources: Readonly<Record<string, Resource>>;
    };
    const found = Object.entries(Resources);
    const idOf = (prefix: string, type: string) =>
      found.find(([id, { Type }]) => id.startsWith(prefix) && Type === type)?.[0];
    const all = (type: string) =>
      found.flatMap(([, { Type, Properties }]) => (Type === type ? [Properties] : []));
    expect(all('AWS::EC2::VPC')).toHaveLength(1);
    const topic = { Ref: idOf('OwnTopic', 'AWS::SNS::Topic') };
    for (const { AlarmActions } of all('AWS::CloudWatch::Alarm')) expect(AlarmActions).toEqual([topic]);
    const functions = all('AWS::Lambda::Function').filter(({ FunctionName }) => FunctionName !== undefined);
    expect(functions.map(({ FunctionName }) => FunctionName).sort()).toEqual([
      'Fleet-collect-batch',
      'Fleet-poll',
      'Fleet-sweep',
    ]);
    const subnet = { Ref: idOf('OwnVpcPrivateSubnet1Subnet', 'AWS::EC2::Subnet') };
    for (const { VpcConfig } of functions)
      expect(VpcConfig).toMatchObject({ SubnetIds: expect.arrayContaining([subnet]) });
    const key = { 'Fn::GetAtt': [idOf('OwnKey', 'AWS::KMS::Key'), 'Arn'] };
    expect(JSON.stringify(all('AWS::IAM::Policy')).split(JSON.stringify(key))).toHaveLength(4);
    // What stood for the references while the file was checked is in no resource.
    expect(JSON.stringify(Resources)).not.toMatch(/vpc-0{8}|:0{12}:/);

    const prebuilt = (name: string) =>
      readFileSync(
        join(consumer.folder, 'node_modules/vsweep/dist/library/functions', name, 'index.js'),
        'utf8',
      );
    const deployed = readdirSync(out())
      .filter((entry) => existsSync(out(entry, 'config.json')))
      .map((entry) => readFileSync(out(entry, 'index.js'), 'utf8'));
    expect(deployed.sort()).toEqual(['collect-batch', 'poll', 'sweep'].map(prebuilt).sort());
  });

  it.each([
    ['names a topic, too', { alarms: { emails: ['ops@example.org'] } }, 'aws.alarms.emails: has no effect'],
    [
      'names a VPC, too',
      { network: { vpcId: 'new', egressCidrs: ['10.20.0.0/16'] } },
      'aws.network.vpcId: is given by the app, too; leave it out',
    ],
  ])('refuses a configuration that %s', async (_, aws, message) => {
    consumer.write('twice.yaml', JSON.stringify({ ...SWEPT, aws: { ...SWEPT.aws, ...aws } }));
    const { code, stderr } = await consumer.run('app.js', ['twice.yaml']);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  it('refuses a stack of another name than the configuration has', async () => {
    consumer.write('other.yaml', JSON.stringify({ ...SWEPT, aws: { ...SWEPT.aws, stack: 'Other' } }));
    const { stderr } = await consumer.run('app.js', ['other.yaml']);
    expect(stderr).toContain('Write aws: { stack: Fleet } in the configuration');
  });
});
