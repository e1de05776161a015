import { describe, expect, it } from 'vitest';
import { KNOWN_COLLECTORS } from '../../../lib/collectors/known-collectors.ts';
import {
  countByFamily,
  type EgressRule,
  egressOf,
  isEcrImage,
  type Peer,
} from '../../../lib/config/egress.ts';
import { networkPorts, portOf, reachingBy } from '../../../lib/config/network-ports.ts';
import { configOf, ECR, EXISTING, PL, S3, sweep, target } from './deployable.ts';

const print = (to: Peer) => {
  if (to.kind === 'range') return to.cidr;
  if (to.kind === 'prefix-list') return to.id;
  return to.kind === 'endpoint' ? `endpoint ${to.service}` : to.kind;
};
function outOf(
  caller: Parameters<typeof egressOf>[0],
  network: object,
  { aws = {}, ...raw }: { aws?: object; [section: string]: unknown } = {},
) {
  const config = configOf({ ...raw, aws: { ...aws, network: { ...EXISTING, ...network } } });
  if (config.aws?.network === undefined) throw new Error('no network');
  const rules = egressOf(caller, config, { ...config.aws, network: config.aws.network });
  return rules.map(({ protocol, port, to, why }) => `${protocol} ${port} ${print(to)}: ${why}`);
}
const OUTSIDE = 'vCenters, hosts, Pushgateway, NetBox';

describe('whom a function is let out to', () => {
  const all = {
    targets: [target('vc01'), target('vc02', 'https://vc02:8443/sdk')],
    esxi: {
      credentials: { secret: 'esxi' },
      overrides: { a: '[fe80::1]:2022', b: '10.0.0.7:830', c: '10.0.0.8' },
    },
    netbox: { url: 'http://netbox' },
    push: { url: 'https://gw:9091' },
  };

  it('are the ports of what the configuration names, and endpoints of the services that it calls', () => {
    expect(outOf('sweep', {}, all)).toEqual([
      ...[22, 80, 443, 830, 2022, 8443, 9091].map((port) => `tcp ${port} 10.0.0.0/8: ${OUTSIDE}`),
      'tcp 443 endpoint secretsmanager: secretsmanager',
      'tcp 443 endpoint lambda: lambda',
    ]);
    expect(outOf('collect-batch', {}, all)).toEqual([
      ...[22, 443, 830, 2022, 8443].map((port) => `tcp ${port} 10.0.0.0/8: ${OUTSIDE}`),
      'tcp 443 endpoint secretsmanager: secretsmanager',
    ]);
    expect(outOf('poll', {}, all).slice(0, 2)).toEqual([
      `tcp 443 10.0.0.0/8: ${OUTSIDE}`,
      `tcp 8443 10.0.0.0/8: ${OUTSIDE}`,
    ]);
  });

  it('is a prefix list where one is named, the ranges of endpoints that exist, or anywhere by NAT', () => {
    expect(outOf('poll', { dynamodbPrefixList: PL }).slice(1)).toEqual([
      `tcp 443 ${PL}: the APIs of AWS`,
      'tcp 443 endpoint secretsmanager: secretsmanager',
    ]);
    expect(outOf('poll', { endpoints: 'existing', endpointCidrs: ['10.9.0.0/28'] }).slice(1)).toEqual([
      'tcp 443 10.9.0.0/28: the APIs of AWS',
    ]);
    // In the ranges that it is let out to anyway, each rule stands once: AWS refuses a second one.
    expect(outOf('poll', { endpoints: 'existing' })).toEqual(['tcp 443 10.0.0.0/8: the APIs of AWS']);
    expect(outOf('poll', { endpoints: 'nat' }).slice(1)).toEqual(['tcp 443 0.0.0.0/0: the APIs of AWS']);
  });

  it('has name servers by both protocols, each as a range of one address', () => {
    const rules = outOf('poll', { dnsServers: ['10.0.0.53', 'fd00::53'] });
    expect(rules.filter((rule) => rule.includes(' 53 '))).toEqual([
      'udp 53 10.0.0.53/32: name resolution',
      'tcp 53 10.0.0.53/32: name resolution',
      'udp 53 fd00::53/128: name resolution',
      'tcp 53 fd00::53/128: name resolution',
    ]);
  });

  it('is the daemon of traces where there are traces', () => {
    expect(outOf('poll', {}, { aws: { tracing: true } })).toContain('tcp 443 endpoint xray: xray');
    expect(outOf('poll', {}).join()).not.toContain('xray');
  });

  describe('with a Pushgateway that is deployed', () => {
    const deployed = (image: string) => ({
      aws: { pushgateway: { deploy: true, image } },
      push: { url: 'https://gw:7' },
    });

    it('the sweep is let out to it, and to no other', () => {
      const rules = outOf('sweep', {}, deployed(ECR));
      expect(rules).toContain('tcp 9091 pushgateway: the Pushgateway');
      expect(rules.join()).not.toContain('tcp 7 ');
      expect(outOf('collect-batch', {}, deployed(ECR)).join()).not.toContain('9091');
    });

    it('it is let out to its image and its log, and to no vCenter', () => {
      expect(outOf('pushgateway', { s3PrefixList: S3 }, deployed(ECR))).toEqual([
        'tcp 443 endpoint ecr.api: ecr.api',
        'tcp 443 endpoint ecr.dkr: ecr.dkr',
        `tcp 443 ${S3}: the APIs of AWS`,
        'tcp 443 endpoint logs: logs',
      ]);
    });

    it("it is let out to anywhere for an image of anybody's registry, by NAT alone", () => {
      const anywhere = 'tcp 443 0.0.0.0/0: the APIs of AWS';
      const image = 'prom/pushgateway:v1.11.3';
      expect(outOf('pushgateway', { nat: true }, deployed(image))).toContain(anywhere);
      expect(outOf('pushgateway', { nat: false }, deployed(image))).not.toContain(anywhere);
      expect(outOf('pushgateway', { nat: true }, deployed(ECR))).not.toContain(anywhere);
      expect(outOf('sweep', { nat: true }, deployed(image))).not.toContain(anywhere);
    });
  });
});

describe('isEcrImage', () => {
  it.each([
    [ECR, true],
    ['111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/pushgateway:v1', true],
    ['prom/pushgateway:v1', false],
    ['11112222333.dkr.ecr.eu-central-1.amazonaws.com/x:v1', false],
    [`mirror.example.org/${ECR}`, false],
    ['111122223333.dkr.ecr.eu-central-1.amazonaws.com.example.org/x:v1', false],
  ])('of %s is %s', (image, isEcr) => expect(isEcrImage(image)).toBe(isEcr));
});

describe('countByFamily', () => {
  it('counts a range by its family, and everything else in both', () => {
    const rule = (to: Peer): EgressRule => ({ protocol: 'tcp', port: 443, to, why: '' });
    const range = (cidr: string) => rule({ kind: 'range', cidr });
    const others = [rule({ kind: 'pushgateway' }), rule({ kind: 'prefix-list', id: PL })];
    expect(countByFamily([range('10.0.0.0/8'), range('10.1.0.0/16'), range('fd00::/8'), ...others])).toEqual({
      IPv4: 4,
      IPv6: 3,
    });
  });
});

describe('the ports that are reached', () => {
  it('have none of ssh where no sweep logs in to hosts', () => {
    const esxi = { credentials: { secret: 'esxi' }, port: 2222 };
    const portsOf = (collectors: readonly string[]) =>
      networkPorts(
        reachingBy(
          configOf({ esxi, sweeps: [sweep('a', ['overall-status']), sweep('b', collectors)] }),
          KNOWN_COLLECTORS,
        ),
      );
    expect(portsOf(['ssh-services'])).toEqual({
      sweep: [443, 2222],
      'collect-batch': [443, 2222],
      poll: [443],
    });
    expect(portsOf(['overall-status'])).toEqual({ sweep: [443], 'collect-batch': [443], poll: [443] });
  });

  it.each([
    ['https://a', 443],
    ['http://a', 80],
    ['https://a:8443', 8443],
    ['ssh://a:22', 22],
    ['ssh://a', undefined],
  ])('of %s is %s', (url, port) => expect(portOf(url)).toBe(port));
});
