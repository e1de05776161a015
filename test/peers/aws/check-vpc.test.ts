import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Moto, startMoto } from '../../support/peers/moto.ts';
import { describeWithPeers, peerPython } from '../../support/peers/peer-requirements.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/peers/temporary-folder.ts';

const repository = resolve(import.meta.dirname, '../../..');
const REGION = 'eu-central-1';

describeWithPeers(['moto'], 'npm run check:vpc, in a VPC as moto has it', () => {
  let moto: Moto;
  let folder: TemporaryFolder;
  let env: Record<string, string>;

  beforeAll(async () => {
    moto = await startMoto();
    folder = await createTemporaryFolder('check-vpc');
    const bin = join(folder.path, 'bin');
    mkdirSync(bin);
    const script = join(import.meta.dirname, 'aws_by_boto3.py');
    writeFileSync(join(bin, 'aws'), `#!/bin/sh\nexec "${peerPython}" "${script}" "$@"\n`);
    chmodSync(join(bin, 'aws'), 0o755);
    env = {
      PATH: [bin, process.env['PATH']].join(delimiter),
      AWS_ENDPOINT_URL: moto.url,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_DEFAULT_REGION: REGION,
    };
  });
  afterAll(async () => {
    await moto?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  /** Calls EC2 and answers what it made. */
  async function ec2(command: string, ...args: string[]): Promise<Record<string, Record<string, string>>> {
    const { stdout } = await promisify(execFile)('aws', ['ec2', command, ...args], { env });
    return JSON.parse(stdout);
  }
  const made = async (kind: string, id: string, command: string, ...args: string[]) =>
    (await ec2(command, ...args))[kind]?.[id] ?? '';

  async function makeVpc() {
    const vpc = await made('Vpc', 'VpcId', 'create-vpc', '--cidr-block', '10.40.0.0/24');
    const subnetIn = (zone: string, number: number) =>
      made(
        'Subnet',
        'SubnetId',
        'create-subnet',
        ...[
          '--vpc-id',
          vpc,
          '--cidr-block',
          `10.40.0.${16 * number}/28`,
          '--availability-zone',
          REGION + zone,
        ],
      );
    const table = await made('RouteTable', 'RouteTableId', 'create-route-table', '--vpc-id', vpc);
    const subnets = [await subnetIn('a', 0), await subnetIn('b', 1)];
    for (const subnet of subnets) {
      await ec2('associate-route-table', '--route-table-id', table, '--subnet-id', subnet);
    }
    return { vpc, table, subnets, subnetIn };
  }

  async function checkVpc(network: object) {
    const file = join(folder.path, 'vsweep.yaml');
    const config = {
      targets: [{ name: 'vc01', credentials: { secret: 'vsweep/vc01' } }],
      sweeps: [{ name: 's', every: '1m', collectors: ['overall-status'] }],
      aws: {
        alarms: { emails: ['ops@example.org'] },
        network: { egressCidrs: ['10.20.0.0/16'], dynamodbPrefixList: 'pl-0123456789abcdef0', ...network },
      },
    };
    writeFileSync(file, JSON.stringify(config));
    // As docs/deploy.md sets it; boto3, as version 1 of the command line, reads AWS_DEFAULT_REGION alone.
    const { AWS_DEFAULT_REGION: _other, ...ours } = env;
    const child = spawn(process.execPath, [join(repository, 'cdk/check-vpc.ts'), file], {
      env: { ...ours, AWS_REGION: REGION },
    });
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    return { stdout, faults: stderr.split('\n  ').slice(1), stderr, code };
  }

  it('finds what AWS would refuse, with the command that mends it, and then says that it fits', async () => {
    const { vpc, table, subnets, subnetIn } = await makeVpc();
    const third = await subnetIn('b', 2);
    await ec2(
      'create-vpc-endpoint',
      ...['--vpc-id', vpc, '--service-name', `com.amazonaws.${REGION}.secretsmanager`],
      ...['--vpc-endpoint-type', 'Interface', '--private-dns-enabled'],
    );
    const network = { vpcId: vpc, subnets: [...subnets, third], routeTables: [table] };
    const { faults, code } = await checkVpc(network);
    expect(code).toBe(2);
    expect(faults).toEqual([
      expect.stringContaining(
        `aws.network.subnets[2]: ${third} is in eu-central-1b, as ${subnets[1]} is, but an interface endpoint takes one subnet per zone`,
      ),
      expect.stringContaining(
        `aws.network.vpcId: ${vpc} has no DNS host names, without which endpoints and private zones have no names; run: aws ec2 modify-vpc-attribute --vpc-id ${vpc} --enable-dns-hostnames`,
      ),
      expect.stringContaining('aws.network.endpoints.secretsmanager: vpce-'),
      expect.stringContaining(`aws.network.routeTables: lacks rtb-`),
    ]);

    await ec2('modify-vpc-attribute', '--vpc-id', vpc, '--enable-dns-hostnames', '{"Value": true}');
    const mended = { ...network, subnets, endpoints: { secretsmanager: 'existing' } };
    expect(await checkVpc(mended)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`${vpc} fits`),
      stderr: '',
    });
  });

  it('finds a service by NAT without a route, and name servers that nobody is let out to', async () => {
    const { vpc, subnets } = await makeVpc();
    const dhcp = await made(
      'DhcpOptions',
      'DhcpOptionsId',
      'create-dhcp-options',
      ...['--dhcp-configurations', '[{"Key": "domain-name-servers", "Values": ["10.20.0.53"]}]'],
    );
    await ec2('associate-dhcp-options', '--vpc-id', vpc, '--dhcp-options-id', dhcp);
    const { faults } = await checkVpc({ vpcId: vpc, subnets, endpoints: 'nat' });
    expect(faults).toEqual([
      expect.stringContaining('aws.network.dnsServers: lacks 10.20.0.53 of the VPC'),
      ...subnets.map((subnet) => expect.stringContaining(`${subnet} has no route to a NAT gateway`)),
    ]);
  });

  it('says what to check where AWS tells nothing', async () => {
    const { stderr, code } = await checkVpc({
      vpcId: 'vpc-0123456789abcdef0',
      subnets: ['subnet-0123456789abcdef0'],
      endpoints: 'nat',
    });
    expect(code).toBe(1);
    expect(stderr).toContain('check that "aws sts get-caller-identity" works here');
    expect(stderr).toContain('InvalidVpcID.NotFound');
  });
});
