type Json = Readonly<Record<string, unknown>>;

const IMAGE = '111122223333.dkr.ecr.eu-central-1.amazonaws.com/pushgateway:v1.11.3';
const EXISTING = {
  vpcId: 'vpc-0123456789abcdef0',
  subnets: [
    { id: 'subnet-0123456789abcdef0', zone: 'eu-central-1a' },
    { id: 'subnet-0123456789abcdef1', zone: 'eu-central-1b' },
  ],
};
const ROUTES = { routeTables: ['rtb-0123456789abcdef0'] };
const PREFIX_LISTS = { dynamodbPrefixList: 'pl-0123456789abcdef0', s3PrefixList: 'pl-0123456789abcdef1' };
const egressCidrs = ['10.20.0.0/16'];
const pushgateway = { deploy: true, image: IMAGE, prometheusCidrs: ['10.20.5.0/24'] };

/** Configurations that differ in what the stack has of each kind of part, as `vsweep.yaml` would say it. */
export const DEPLOYMENT_VARIANTS: Readonly<Record<string, Json>> = {
  'no VPC, a URL for polls, one schedule a target': variant({
    poll: { functionUrl: true },
    split: 'target',
    allowPublicEgress: true,
  }),
  'a new VPC with NAT, a Pushgateway from anywhere, a URL for polls, one schedule a target': variant({
    network: { vpcId: 'new', endpoints: 'nat', egressCidrs },
    pushgateway: { deploy: true, prometheusCidrs: ['10.20.5.0/24'] },
    poll: { functionUrl: true },
    split: 'target',
  }),
  'a new VPC with NAT, and no Pushgateway': variant({
    network: { vpcId: 'new', endpoints: 'nat', egressCidrs },
  }),
  'a new VPC with endpoints, and a Pushgateway': variant({
    network: { vpcId: 'new', egressCidrs, ...PREFIX_LISTS },
    pushgateway,
  }),
  'an existing VPC with endpoints of its own, an adopted table, a key, tags': variant({
    network: { ...EXISTING, ...PREFIX_LISTS, endpoints: 'existing', egressCidrs },
    pushgateway,
    stateTable: {
      name: 'State',
      integritySecret: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:Integrity-AbCdEf',
    },
    kmsKeyArn: 'arn:aws:kms:eu-central-1:111122223333:key/12345678-1234-1234-1234-123456789012',
    tags: { team: 'storage' },
  }),
  'a dual-stack VPC with a way of each kind, own name servers, alarms on reads of secrets, traces': variant({
    network: {
      ...EXISTING,
      ...ROUTES,
      ...PREFIX_LISTS,
      endpoints: { lambda: 'none', secretsmanager: 'existing', logs: 'existing' },
      nat: true,
      egressCidrs: [...egressCidrs, 'fd00::/16'],
      dualStack: true,
      dnsServers: ['10.20.0.53', 'fd00::53'],
    },
    pushgateway,
    alarms: { emails: ['ops@example.org'], secretReads: true },
    tracing: true,
  }),
  'a task in place of the functions that sweep, in a new VPC with endpoints, and a Pushgateway': variant({
    network: { vpcId: 'new', egressCidrs, ...PREFIX_LISTS },
    pushgateway,
    task: true,
    taskSize: { vcpu: 0.5 },
    alarms: { emails: ['ops@example.org'], secretReads: true },
    tracing: true,
    kmsKeyArn: 'arn:aws:kms:eu-central-1:111122223333:key/12345678-1234-1234-1234-123456789012',
  }),
  'a new VPC with NAT and every endpoint, and all else that there can be': variant({
    network: { vpcId: 'new', nat: true, egressCidrs, ...PREFIX_LISTS, dnsServers: ['10.20.0.53'] },
    pushgateway,
    poll: { functionUrl: true },
    split: 'target',
    alarms: { emails: ['ops@example.org'], secretReads: true },
    tracing: true,
    kmsKeyArn: 'arn:aws:kms:eu-central-1:111122223333:key/12345678-1234-1234-1234-123456789012',
  }),
};

function variant(aws: Json): Json {
  return {
    targets: ['vc01', 'vc02'].map((name) => ({ name, credentials: { secret: `vsweep/${name}` } })),
    esxi: { credentials: { secret: 'vsweep/esxi' }, hostKeys: { unknown: 'refuse' } },
    sweeps: [{ name: 'services', every: '1m', collectors: ['overall-status', 'ssh-services'] }],
    aws: { alarms: { emails: ['ops@example.org'] }, ...aws },
  };
}
