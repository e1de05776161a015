import { describe, expect, it } from 'vitest';
import { checkLimits, rulesOut } from '../../../lib/config/check-limits.ts';
import { configOf, ECR, EXISTING, PL, sweep, target } from './deployable.ts';

describe('what AWS refuses because it is too much', () => {
  const sweeps = (count: number, name = 's') =>
    Array.from({ length: count }, (_, index) => sweep(`${name}${index}`, ['overall-status']));
  const issuesOf = (raw: Parameters<typeof configOf>[0]) => checkLimits(configOf(raw));

  it('is nothing where nothing is deployed', () => {
    expect(checkLimits({ ...configOf({ sweeps: sweeps(100) }), aws: undefined })).toEqual([]);
  });

  it('is more resources than a stack has, at 9 for each sweep beside 130', () => {
    expect(issuesOf({ sweeps: sweeps(41) })).toEqual([]);
    expect(issuesOf({ sweeps: sweeps(42) })).toEqual([
      {
        path: 'sweeps',
        message:
          'the stack would have up to 508 resources, and CloudFormation takes 500; deploy some of the sweeps as another stack (aws.stack)',
      },
    ]);
  });

  it('is a schedule for each target of each sweep, where targets are split', () => {
    const targets = Array.from({ length: 181 }, (_, index) => target(`vc${index}`));
    const split = (some: typeof targets) => ({
      aws: { split: 'target' },
      targets: some,
      sweeps: [...sweeps(1), { ...sweep('one', ['overall-status']), targets: ['vc0'] }],
    });
    expect(issuesOf(split(targets.slice(0, 180)))).toEqual([]);
    const many = { aws: { split: 'target' }, targets, sweeps: sweeps(2) };
    expect(issuesOf(many)).toEqual([
      {
        path: 'aws.split',
        message: expect.stringMatching(
          /^the stack would have up to 508 .*; write split: sweep, or deploy some of the targets/,
        ),
      },
    ]);
    expect(issuesOf({ ...many, aws: { split: 'sweep' } })).toEqual([]);
  });

  it('is a name from which no alarm can be called', () => {
    const named = (length: number, stack: string) =>
      issuesOf({
        aws: { stack },
        sweeps: [sweep('ok', ['overall-status']), sweep('n'.repeat(length), ['overall-status'])],
      });
    expect(named(238, 'Vsweep')).toEqual([]);
    expect(named(239, 'Vsweep')).toEqual([
      {
        path: 'sweeps[1].name',
        message: expect.stringMatching(
          /^has 239 characters, but .* an alarm allows 238 \(255 in all\); choose a shorter name$/,
        ),
      },
    ]);
    expect(named(238, 'Vsweep2')).toHaveLength(1);
  });

  it('is more rules of a family than a security group has, for each function', () => {
    const ranges = (count: number) => Array.from({ length: count }, (_, index) => `10.${index}.0.0/16`);
    const withRanges = (count: number) => ({
      aws: { network: { ...EXISTING, egressCidrs: ranges(count), dynamodbPrefixList: PL } },
    });
    expect(issuesOf(withRanges(50))).toEqual([]);
    const two = { targets: [target('vc01'), target('vc02', 'https://vc02:8443/sdk')] };
    const issues = issuesOf({ ...withRanges(30), ...two });
    expect(issues.map(({ path }) => path)).toEqual(Array(3).fill('aws.network.egressCidrs'));
    expect(issues[0]?.message).toBe(
      'with the ports of sweep these are 63 rules of IPv4, but a security group allows 60; write fewer, wider ranges',
    );
    expect(issues[2]?.message).toContain('the ports of poll these are 62 rules of IPv4');
    const config = configOf(withRanges(1));
    if (config.aws === undefined) throw new Error('no section aws');
    expect(rulesOut(config, config.aws)).toEqual({
      sweep: { IPv4: 4, IPv6: 3 },
      'collect-batch': { IPv4: 3, IPv6: 2 },
      poll: { IPv4: 3, IPv6: 2 },
    });
    expect(rulesOut(config, { ...config.aws, network: undefined })).toEqual({});
    const deployed = { ...config.aws, pushgateway: { deploy: true, image: ECR } } as never;
    expect(Object.keys(rulesOut(config, deployed))).toContain('pushgateway');
  });

  it.each([
    ['10.0.0.0/15', {}, 27],
    ['10.0.0.0/16', {}, undefined],
    ['10.0.0.0/27', {}, undefined],
    ['10.0.0.0/28', {}, 27],
    ['10.0.0.0/26', { nat: true }, undefined],
    ['10.0.0.0/27', { nat: true }, 26],
    ['fd00::/16', {}, 27],
  ])('is a new VPC of %s with %j', (cidr, ways, longest) => {
    const issues = issuesOf({
      aws: { network: { vpcId: 'new', cidr, egressCidrs: ['10.0.0.0/8'], ...ways } },
    });
    const cut = longest === 26 ? 'four' : 'two';
    const message = expect.stringContaining(
      `needs an IPv4 range of /16 to /${longest}: it is cut into ${cut} subnets`,
    );
    expect(issues).toEqual(longest === undefined ? [] : [{ path: 'aws.network.cidr', message }]);
  });

  it('is no range of an existing VPC, which has its own', () => {
    expect(issuesOf({ aws: { network: { ...EXISTING, cidr: '10.0.0.0/8' } } })).toEqual([]);
  });
});
