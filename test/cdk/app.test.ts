import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { FUNCTIONS } from '../../cdk/bundle.ts';
import { readDeployment } from '../../cdk/read-deployment.ts';
import { VsweepStack } from '../../cdk/vsweep-stack.ts';
import { DEPLOYMENT_VARIANTS } from '../support/deployment-variants.ts';
import { EVERYTHING, EXAMPLE, temporaryFolder, withAlarms, writeConfig } from './synthesise.ts';

const folder = temporaryFolder();
const app = join(import.meta.dirname, '../../cdk/app.ts');

/** In a folder of its own: a file is called vsweep.yaml. */
function writeMany(count: number): string {
  const own = join(folder, 'many');
  mkdirSync(own);
  const targets = Array.from(
    { length: count },
    (_, index) => `{ name: vc${index}, credentials: { secret: vsweep/vc${index} } }`,
  );
  return writeConfig(
    own,
    withAlarms(`targets: [${targets}]\nsweeps: [{ name: s, every: 1m, collectors: [overall-status] }]`),
  );
}

/** Runs the app as the CDK's command does, without account, region and network, with the validation on. */
function synthesiseInProcess(name: string, config: string | undefined) {
  const outdir = join(folder, name);
  const env = {
    PATH: process.env['PATH'],
    CDK_OUTDIR: outdir,
    CDK_CONTEXT_JSON: JSON.stringify({ config }),
  };
  const { status, stderr } = spawnSync(process.execPath, [app], { env, encoding: 'utf8' });
  return { outdir, status, stderr };
}

/** What cdk-nag found: nothing that is open, and each rule that was acknowledged with a reason. */
function acknowledgedIn(outdir: string): string[] {
  const report = JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8'));
  expect(report.pluginReports).toMatchObject([
    { pluginName: 'AwsSolutions', conclusion: 'success', violations: [] },
  ]);
  const [{ suppressedViolations }] = report.pluginReports;
  for (const { reason } of suppressedViolations) expect(reason).toMatch(/\w{3}.* .*\w{3}/);
  const rules: string[] = suppressedViolations.map((one: { ruleName: string }) => one.ruleName);
  return [...new Set(rules)].sort();
}

/** The same in this process and without bundles, which take the most of its time. */
function acknowledgedBy(name: string, config: string): string[] {
  const outdir = join(folder, name.replaceAll(/\W+/g, '-'));
  const app = new App({ outdir, context: { 'aws:cdk:bundling-stacks': [] } });
  new VsweepStack(app, 'Vsweep', { deployment: readDeployment(config) });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  app.synth();
  return acknowledgedIn(outdir);
}

describe('cdk/app.ts', () => {
  it('synthesises the example offline, with nothing for cdk-nag to find but what is acknowledged with a reason', () => {
    const { outdir, status, stderr } = synthesiseInProcess('the-example', EXAMPLE);
    expect(acknowledgedIn(outdir)).toEqual(['AwsSolutions-SMG4', 'AwsSolutions-SQS3']);
    expect(status, stderr).toBe(0);
    const bundles = readdirSync(outdir).filter((entry) => existsSync(join(outdir, entry, 'config.json')));
    expect(bundles).toHaveLength(FUNCTIONS.length);
  });

  it.each([
    [
      'a VPC with all that the stack can add',
      writeConfig(
        folder,
        readFileSync(EVERYTHING, 'utf8').replace('functionUrl: false', 'functionUrl: true'),
      ),
      ['AwsSolutions-IAM5[Resource::*]', 'AwsSolutions-SMG4', 'AwsSolutions-SQS3'],
    ],
    [
      'more secrets than policies can name',
      writeMany(386),
      [
        'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:vsweep/*]',
        'AwsSolutions-SMG4',
        'AwsSolutions-SQS3',
      ],
    ],
  ])(
    'leaves cdk-nag nothing to find but what is acknowledged with a reason: %s',
    (name, config, expected) => {
      expect(acknowledgedBy(name, config)).toEqual(expected);
    },
  );

  it.each(Object.keys(DEPLOYMENT_VARIANTS))('leaves cdk-nag nothing to find with %s', (name) => {
    const own = join(folder, `config-${name.replaceAll(/\W+/g, '-')}`);
    mkdirSync(own);
    const config = writeConfig(own, JSON.stringify(DEPLOYMENT_VARIANTS[name]));
    // The variables of a task, the rights to network interfaces, the integrity secret, the queue.
    const known = [
      'AwsSolutions-IAM5[Resource::*]',
      'AwsSolutions-SMG4',
      'AwsSolutions-SQS3',
      'AwsSolutions-ECS2',
    ];
    expect(known).toEqual(expect.arrayContaining(acknowledgedBy(name, config)));
  });

  it.each([undefined, ''])('stops without a configuration, and says how to name one: %j', (config) => {
    const { status, stderr, outdir } = synthesiseInProcess('unnamed', config);
    expect(status).toBe(2);
    expect(stderr).toContain('Write -c config=<path>, such as "npx cdk deploy -c config=vsweep.yaml"');
    expect(existsSync(join(outdir, 'Vsweep.template.json'))).toBe(false);
  });

  it('stops at a configuration that cannot be deployed, with its faults and without a trace', () => {
    const file = writeConfig(
      folder,
      'targets: [{ name: vc, credentials: { env: VC } }]\nsweeps: [{ name: s, every: 30s, collectors: [overall-status] }]\n',
    );
    const { status, stderr, outdir } = synthesiseInProcess('faulty', file);
    expect(status).toBe(2);
    expect(stderr.split('\n').filter((line) => line !== '')).toEqual([
      `${file}: 3 faults`,
      expect.stringContaining('aws.alarms: has no recipient of the alarms'),
      expect.stringContaining('targets[0].credentials: comes from an environment variable or a file'),
      expect.stringContaining('sweeps[0].every: 30 s is not a number of whole minutes'),
    ]);
    expect(existsSync(join(outdir, 'Vsweep.template.json'))).toBe(false);
  });
});
