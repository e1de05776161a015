import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDeployment } from '../../cdk/read-deployment.ts';
import { sectionOf, tableRows } from '../unit/docs/pages.ts';
import { statementsOf } from './policies.ts';
import { resourcesOf, synthesise, temporaryFolder, withAlarms, writeConfig } from './synthesise.ts';

const folder = temporaryFolder();
const TABLE = 'Vsweep-StateTable1A2B';
const SECRET = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:IntegritySecret-AbCdEf';
const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const configOf = (aws: string) =>
  writeConfig(
    folder,
    withAlarms(`
targets: [{ name: vc, credentials: { secret: vsweep/vc } }]
esxi: { credentials: { secret: vsweep/esxi }, hostKeys: { unknown: refuse } }
sweeps: [{ name: s, every: 1m, collectors: [overall-status, ssh-services] }]
aws: { network: { vpcId: new, endpoints: nat, egressCidrs: [10.0.0.0/8] }, pushgateway: { deploy: true, prometheusCidrs: [10.0.0.0/8] }, ${aws} }`),
  );
const template = (aws: string, name: string) => synthesise(configOf(aws), join(folder, name));

/** Every name that has to be another one in a second stack: of an account, of a region, or of a VPC. */
const namesIn = (made: ReturnType<typeof template>) => [
  ...Object.values(resourcesOf(made, 'AWS::Lambda::Function')).map(({ FunctionName }) => FunctionName),
  ...Object.values(resourcesOf(made, 'AWS::CloudWatch::Alarm')).map(({ AlarmName }) => AlarmName),
  ...Object.values(resourcesOf(made, 'AWS::ServiceDiscovery::PrivateDnsNamespace')).map(({ Name }) => Name),
  ...Object.values(resourcesOf(made, 'AWS::CloudWatch::Alarm')).flatMap(({ Namespace }) =>
    String(Namespace).startsWith('vsweep') ? [Namespace] : [],
  ),
];

describe('a stack of another name', () => {
  const first = template('stack: Vsweep', 'first');
  const second = template('stack: Vsweep-lab', 'second');

  it('shares no name with the first one of an account', () => {
    const [names, others] = [namesIn(first), namesIn(second)];
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => others.includes(name))).toEqual([]);
  });

  it('names nothing else, so that CloudFormation names it by stack and region', () => {
    const named = Object.entries(second.toJSON()['Resources']).flatMap(([id, resource]) => {
      const { Type, Properties = {} } = resource as { Type: string; Properties?: object };
      const own = Object.keys(Properties).filter(
        (key) => /^(?:Name|\w+Name)$/.test(key) && typeof Properties[key as never] === 'string',
      );
      const covered = [
        'AWS::Lambda::Function',
        'AWS::CloudWatch::Alarm',
        'AWS::ServiceDiscovery::PrivateDnsNamespace',
      ];
      // In a namespace of their own: that of the zone, of AWS itself, of the role.
      const elsewhere = ['AWS::ServiceDiscovery::Service', 'AWS::EC2::VPCEndpoint', 'AWS::IAM::Policy'];
      return own.length > 0 && ![...covered, ...elsewhere].includes(Type) ? [`${id}: ${own}`] : [];
    });
    expect(named).toEqual([]);
  });

  it('pushes to the Pushgateway of its own zone', () => {
    const { config, bundledConfig } = readDeployment(configOf('stack: Vsweep-lab'));
    expect(config.push?.url).toBe('http://pushgateway.vsweep-lab.vsweep.internal:9091');
    expect(bundledConfig).toContain('vsweep-lab.vsweep.internal');
    expect(second.findOutputs('PushgatewayUrl')).toEqual({
      PushgatewayUrl: { Value: 'http://pushgateway.vsweep-lab.vsweep.internal:9091' },
    });
  });
});

describe('a stack that adopts a table', () => {
  const adopting = template(`stateTable: { name: ${TABLE}, integritySecret: "${SECRET}" }`, 'adopting');

  it('makes neither a table nor an integrity secret', () => {
    expect(resourcesOf(adopting, 'AWS::DynamoDB::GlobalTable')).toEqual({});
    expect(resourcesOf(adopting, 'AWS::SecretsManager::Secret')).toEqual({});
  });

  it('gives its functions the table, the secret and the rights to both', () => {
    for (const { Environment, FunctionName } of Object.values(
      resourcesOf(adopting, 'AWS::Lambda::Function'),
    )) {
      const { Variables } = Environment as { Variables: Record<string, string> };
      expect(Variables['VSWEEP_TABLE'], String(FunctionName)).toBe(TABLE);
    }
    const sweep = statementsOf(adopting, 'SweepRole');
    const about = (service: string) =>
      sweep
        .filter(({ actions }) => actions.some((action) => action.startsWith(service)))
        .flatMap(({ resources }) => resources);
    expect(new Set(about('dynamodb:'))).toEqual(
      new Set([`arn:<AWS::Partition>:dynamodb:<AWS::Region>:<AWS::AccountId>:table/${TABLE}`]),
    );
    expect(about('secretsmanager:')).toContain(SECRET);
    expect(Object.values(adopting.findOutputs('*')).map(({ Value }) => Value)).toEqual(
      expect.arrayContaining([TABLE, SECRET]),
    );
  });
});

describe('tags and a key of the operator', () => {
  const tagged = template(`tags: { team: storage, "cost-center": "42" }, kmsKeyArn: "${KEY}"`, 'tagged');

  it('tag what can be tagged', () => {
    const types = [
      'AWS::Lambda::Function',
      'AWS::DynamoDB::GlobalTable',
      'AWS::SQS::Queue',
      'AWS::IAM::Role',
      'AWS::SNS::Topic',
    ];
    for (const type of types) {
      for (const [id, properties] of Object.entries(resourcesOf(tagged, type))) {
        const tags = properties['Tags'] ?? (properties['Replicas'] as { Tags: unknown }[])[0]?.Tags;
        expect(tags, id).toEqual(
          expect.arrayContaining([
            { Key: 'team', Value: 'storage' },
            { Key: 'cost-center', Value: '42' },
          ]),
        );
      }
    }
  });

  it('let a worker that has the integrity secret alone decrypt that one, which may be under the key', () => {
    const file = writeConfig(
      folder,
      withAlarms(`
targets: [{ name: vc, credentials: { secret: vsweep/vc } }]
sweeps: [{ name: s, every: 1m, collectors: [overall-status] }]
aws: { kmsKeyArn: "${KEY}", stateTable: { name: ${TABLE}, integritySecret: "${SECRET}" } }`),
    );
    const adopting = synthesise(file, join(folder, 'key-of-integrity'));
    const rights = statementsOf(adopting, 'CollectBatchRole').flatMap(({ actions }) => actions);
    expect(rights).toEqual(expect.arrayContaining(['secretsmanager:GetSecretValue', 'kms:Decrypt']));
  });

  it('let every function decrypt its secrets with the key, through Secrets Manager alone', () => {
    for (const role of ['SweepRole', 'CollectBatchRole', 'PollRole']) {
      const [decrypt, ...more] = statementsOf(tagged, role).filter(({ actions }) =>
        actions.includes('kms:Decrypt'),
      );
      expect(more).toEqual([]);
      expect(decrypt).toMatchObject({ effect: 'Allow', actions: ['kms:Decrypt'], resources: [KEY] });
      expect(JSON.stringify(decrypt?.condition)).toContain(
        '"kms:ViaService":{"Fn::Join":["",["secretsmanager."',
      );
    }
    const without = template('stack: Vsweep', 'without-key');
    expect(statementsOf(without, 'SweepRole').flatMap(({ actions }) => actions)).not.toContain('kms:Decrypt');
  });
});

describe('the outputs', () => {
  it('name what an operator gives rights to, looks at or connects to, and docs/deploy.md has them', () => {
    const names = Object.keys(template('stack: Vsweep', 'outputs').findOutputs('*'));
    const rows = tableRows(sectionOf('docs/deploy.md', '8. Bootstrap and deploy'));
    const documented = rows.flatMap(([cell = '']) => cell.replaceAll('`', '').split(', '));
    // The only one by an option that this stack lacks.
    expect(documented.sort()).toEqual([...names, 'PollUrl'].sort());
  });
});
