import { asksBySsh } from './asks-by-ssh.ts';
import type { AwsConfig } from './aws.ts';
import { hasNat } from './aws-services.ts';
import { checkLimits } from './check-limits.ts';
import { checkNetwork } from './check-network.ts';
import { checkRegions } from './check-regions.ts';
import { checkSecrets } from './check-secrets.ts';
import { checkTask } from './check-task.ts';
import type { KnownCollectors } from './cross-checks.ts';
import { deployedPushgatewayUrl } from './deployed-pushgateway.ts';
import { isEcrImage } from './egress.ts';
import { endpointsOf } from './endpoints.ts';
import type { ConfigIssue } from './errors.ts';
import { insecureSections } from './loaded-config.ts';
import { reachingBy } from './network-ports.ts';
import { everyOf, withOwnSweeps } from './own-sweeps.ts';
import { type Config, sections } from './schema.ts';

export type Deployable = Pick<
  Config,
  'targets' | 'esxi' | 'netbox' | 'push' | 'victoriaMetrics' | 'remoteWrite' | 'otlp' | 'sweeps' | 'aws'
>;

/**
 * What a configuration may not hold when it is deployed to AWS. Looks at the sections without a fault of their own, so
 * that all faults are told in the same breath.
 */
export function checkDeployable(
  raw: Readonly<Record<string, unknown>>,
  collectors: Pick<KnownCollectors, 'overSsh'>,
): ConfigIssue[] {
  const metrics = sections.metrics.safeParse(raw['metrics']).data;
  const targets = sections.targets.safeParse(raw['targets']).data ?? [];
  const sweeps = sections.sweeps.safeParse(raw['sweeps']).data ?? [];
  const sound: Deployable = {
    targets,
    esxi: sections.esxi.safeParse(raw['esxi']).data,
    netbox: sections.netbox.safeParse(raw['netbox']).data,
    push: sections.push.safeParse(raw['push']).data,
    victoriaMetrics: sections.victoriaMetrics.safeParse(raw['victoriaMetrics']).data,
    remoteWrite: sections.remoteWrite.safeParse(raw['remoteWrite']).data,
    otlp: sections.otlp.safeParse(raw['otlp']).data,
    sweeps: metrics === undefined ? sweeps : withOwnSweeps({ targets, sweeps, metrics }).sweeps,
    aws: sections.aws.safeParse(raw['aws']).data,
  };
  const reaching = reachingBy(sound, collectors);
  return [
    ...checkCredentials(sound),
    ...insecureSections(sound).map(({ path }) => ({ path, message: INSECURE })),
    ...hostKeyIssues(sound, collectors),
    ...checkIntervals(sound),
    ...checkEgress(sound, raw, collectors),
    ...checkAlarms(sound, raw),
    ...checkSecrets(sound),
    ...checkRegions(sound),
    ...checkLimits(reaching),
    ...checkNetwork(reaching),
    ...(sound.aws === undefined ? [] : [...checkTask(sound.aws), ...checkPushgateway(sound.aws, sound)]),
    ...checkSinks(raw),
  ];
}

/** A Lambda has neither the operator's files nor the operator's environment. */
function checkCredentials(config: Deployable): ConfigIssue[] {
  return endpointsOf(config).flatMap(({ credential }) =>
    credential === undefined || 'secret' in credential.source
      ? []
      : [
          {
            path: credential.path,
            message:
              'comes from an environment variable or a file, which a deployment does not have; ' +
              'store it in AWS Secrets Manager and write { secret: <name> }',
          },
        ],
  );
}

const INSECURE =
  'certificates are always verified in a deployment; write { sha256: [<pin>] } or { ca: <file> }';

/**
 * A deployment says what becomes of unknown host keys. What its secret holds is known only when it is read, and may
 * be another kind tomorrow, so that neither is a reason to go without.
 */
export function hostKeyIssues(
  { esxi, sweeps }: Pick<Deployable, 'esxi' | 'sweeps'>,
  known: Pick<KnownCollectors, 'overSsh'>,
): ConfigIssue[] {
  const sweep = sweeps.find((one) => asksBySsh(one, known));
  if (sweep === undefined || esxi === undefined || esxi.hostKeys.unknown !== undefined) return [];
  return [{ path: 'esxi.hostKeys.unknown', message: noChoice(sweep.name) }];
}

const noChoice = (sweep: string) =>
  `is missing, but sweep "${sweep}" logs in to hosts by ssh: whoever answers first at an address would get the ` +
  'password. Write hostKeys: { unknown: refuse }, deploy, then add the keys that "vsweep invoke hostkeys --known-hosts" ' +
  'prints: hostKeys: { unknown: refuse, file: known_hosts }. Or, if the secret is a private key: hostKeys: { unknown: trust-first }';

const MINUTE_MS = 60_000;

/** EventBridge Scheduler counts in minutes. */
function checkIntervals({ sweeps }: Deployable): ConfigIssue[] {
  return sweeps.flatMap(({ everyMs, own }, index) =>
    everyMs % MINUTE_MS === 0
      ? []
      : [
          {
            path: intervalPath(own) ?? `sweeps[${index}].every`,
            message: `${everyMs / 1_000} s is not a number of whole minutes, which AWS needs; write ${Math.ceil(everyMs / MINUTE_MS)}m`,
          },
        ],
  );
}

/** Of a sweep that own metrics have by their own interval: the first of them. */
function intervalPath(own: Deployable['sweeps'][number]['own']): string | undefined {
  const [first] = Object.entries(own?.metrics ?? {});
  return first !== undefined && everyOf(first[1]) !== undefined ? `metrics.own.${first[0]}.every` : undefined;
}

/** Where the hosts' password may go: without a VPC to any address that a host list names, and from any of AWS's. */
function checkEgress(
  { sweeps, aws }: Deployable,
  raw: Readonly<Record<string, unknown>>,
  known: Pick<KnownCollectors, 'overSsh'>,
): ConfigIssue[] {
  // A section with a fault of its own says that first.
  if (raw['aws'] !== undefined && aws === undefined) return [];
  if (aws?.network !== undefined) {
    const message = 'has no effect beside aws.network, which limits where functions connect to; leave it out';
    return aws.allowPublicEgress ? [{ path: 'aws.allowPublicEgress', message }] : [];
  }
  const sweep = sweeps.find((one) => asksBySsh(one, known));
  if (sweep === undefined || aws?.allowPublicEgress === true) return [];
  return [{ path: 'aws.network', message: noNetwork(sweep.name) }];
}

/** Either remedy is whole, so that it can be pasted. */
const noNetwork = (sweep: string) =>
  `is missing, but sweep "${sweep}" logs in to hosts by ssh: outside a VPC nothing limits the addresses that get the ` +
  'password. Write, with your VPC and the ranges of your hosts, ' +
  'aws: { network: { vpcId: new, endpoints: nat, egressCidrs: [10.0.0.0/8] } }, ' +
  'or, for hosts with public addresses, aws: { allowPublicEgress: true }';

/** Sinks whose results would end with the function. */
function checkSinks(raw: Readonly<Record<string, unknown>>): ConfigIssue[] {
  return ['textfile', 'stdout'].flatMap((path) =>
    raw[path] === undefined
      ? []
      : [{ path, message: 'has no effect in a deployment, where nobody reads it; leave it out' }],
  );
}

/** An alarm that tells nobody is none. */
function checkAlarms({ aws }: Deployable, raw: Readonly<Record<string, unknown>>): ConfigIssue[] {
  if (raw['aws'] !== undefined && aws === undefined) return [];
  const { topicArn, emails = [] } = aws?.alarms ?? {};
  if (topicArn === undefined && emails.length === 0) return [{ path: 'aws.alarms', message: NOBODY_IS_TOLD }];
  const message =
    'has no effect beside aws.alarms.topicArn; subscribe the addresses to that topic, and leave it out';
  return topicArn !== undefined && emails.length > 0 ? [{ path: 'aws.alarms.emails', message }] : [];
}

const NOBODY_IS_TOLD =
  'has no recipient of the alarms; write aws: { alarms: { emails: [ops@example.org] } }, ' +
  'or alarms: { topicArn: <ARN of an SNS topic> }';

function checkPushgateway({ stack, pushgateway, network }: AwsConfig, { push }: Deployable): ConfigIssue[] {
  if (pushgateway?.deploy !== true) return [];
  const at = (key: string, message: string) => ({ path: key, message });
  const issues: ConfigIssue[] = [];
  if (network === undefined) {
    issues.push(at('aws.pushgateway.deploy', 'needs a VPC for the Pushgateway to stand in; add aws.network'));
  }
  if (pushgateway.prometheusCidrs === undefined) {
    issues.push(
      at('aws.pushgateway.prometheusCidrs', 'is missing; name the ranges from which Prometheus scrapes'),
    );
  }
  if (push !== undefined && push.url !== deployedPushgatewayUrl(stack)) {
    issues.push(
      at(
        'push',
        'names a Pushgateway while aws.pushgateway deploys one; keep one of them, and leave the other out',
      ),
    );
  }
  if (network !== undefined && !hasNat(network) && !isEcrImage(pushgateway.image)) {
    issues.push(
      at(
        'aws.pushgateway.image',
        'is not in ECR, and without a NAT gateway no other registry can be reached; copy the image to ECR and name the copy (<account>.dkr.ecr.<region>.amazonaws.com/…), or write network: { nat: true }',
      ),
    );
  }
  return issues;
}
