import { type DeployedPart, deployedParts } from './deployed-parts.ts';

/**
 * The services of AWS that something in the VPC calls, by how they get an endpoint there, and who calls them. A
 * function's log, its metrics, its network interfaces, and the events that end in queues are Lambda's own calls, and
 * need no way out of the VPC; nor does STS, because credentials come from the environment. A test compares the functions
 * with the clients of the SDK in their bundles.
 */
export const AWS_SERVICES = {
  dynamodb: { endpoint: 'gateway', callers: ['sweep', 'collect-batch', 'poll', 'task'] },
  secretsmanager: { endpoint: 'interface', callers: ['sweep', 'collect-batch', 'poll', 'task'] },
  lambda: { endpoint: 'interface', callers: ['sweep'], of: ['workers'] },
  // The image of what runs on Fargate: where it is, its manifest, its layers; and its log, which Fargate writes from the VPC.
  'ecr.api': { endpoint: 'interface', callers: ['pushgateway', 'task'], of: ['pushgateway', 'task'] },
  'ecr.dkr': { endpoint: 'interface', callers: ['pushgateway', 'task'], of: ['pushgateway', 'task'] },
  s3: { endpoint: 'gateway', callers: ['pushgateway', 'task'], of: ['pushgateway', 'task'] },
  logs: { endpoint: 'interface', callers: ['pushgateway', 'task'], of: ['pushgateway', 'task'] },
  // A workspace of Amazon Managed Service for Prometheus, which takes the series of each run.
  'aps-workspaces': { endpoint: 'interface', callers: ['sweep', 'task'], of: ['workspace'] },
  // The metrics of CloudWatch, which take the series of each run as OTLP.
  monitoring: { endpoint: 'interface', callers: ['sweep', 'task'], of: ['cloudwatch'] },
  // Lambda's daemon beside a function sends its traces.
  xray: { endpoint: 'interface', callers: ['sweep', 'collect-batch', 'poll'], of: ['tracing'] },
} as const satisfies Readonly<Record<string, AwsService>>;

interface AwsService {
  /** A gateway endpoint is free and takes routes; an interface endpoint has addresses, and costs by hour and zone. */
  readonly endpoint: 'gateway' | 'interface';
  readonly callers: readonly Caller[];
  /** Of the stack, without any of which nobody calls it. */
  readonly of?: readonly (keyof Parts)[];
}

/** What a stack may have or lack. */
export type Parts = Readonly<
  Record<'pushgateway' | 'tracing' | 'workspace' | 'cloudwatch' | 'workers' | 'task', boolean>
>;

export const partsOf = (
  aws: {
    readonly pushgateway?: { readonly deploy: boolean } | undefined;
    readonly tracing: boolean;
    readonly task: boolean;
  },
  {
    remoteWrite,
    otlp,
  }: {
    readonly remoteWrite?: { readonly workspaceArn?: string | undefined } | undefined;
    readonly otlp?: { readonly region?: string | undefined } | undefined;
  },
): Parts => ({
  pushgateway: aws.pushgateway?.deploy === true,
  tracing: aws.tracing,
  workspace: remoteWrite?.workspaceArn !== undefined,
  cloudwatch: otlp?.region !== undefined,
  workers: !aws.task,
  task: aws.task,
});

/** What stands in the VPC and has a security group of its own. */
export type Caller = DeployedPart | 'pushgateway';
export type AwsServiceName = keyof typeof AWS_SERVICES;
/** `create`: the stack makes an endpoint. `existing`: the VPC has one. `none`: by way of a NAT gateway. */
export type EndpointChoice = 'create' | 'existing' | 'none';

/** What is said of the network, as far as ways to AWS go. */
export interface WaysToAws {
  readonly endpoints:
    | 'create'
    | 'existing'
    | 'nat'
    | Readonly<Partial<Record<AwsServiceName, EndpointChoice | undefined>>>;
  readonly nat?: boolean | undefined;
}

const SERVICES: Readonly<Record<AwsServiceName, AwsService>> = AWS_SERVICES;

export const callersOf = (service: AwsServiceName): readonly Caller[] => SERVICES[service].callers;

/** The services that somebody calls in this deployment. */
export const neededServices = (parts: Parts): AwsServiceName[] =>
  (Object.keys(SERVICES) as AwsServiceName[]).filter((name) => {
    const { of } = SERVICES[name];
    return of === undefined || of.some((part) => parts[part]);
  });

/** Everything in the VPC of a deployment that calls services. */
export const callersIn = (aws: Parameters<typeof partsOf>[0]): readonly Caller[] => [
  ...deployedParts(aws),
  ...(aws.pushgateway?.deploy === true ? (['pushgateway'] as const) : []),
];

export const isGateway = (service: AwsServiceName): boolean => SERVICES[service].endpoint === 'gateway';

/** How a service is reached: what is said of it, else of all; an endpoint of the stack when nothing is said. */
export function choiceOf(service: AwsServiceName, { endpoints }: WaysToAws): EndpointChoice {
  if (endpoints === 'nat') return 'none';
  return typeof endpoints === 'string' ? endpoints : (endpoints[service] ?? 'create');
}

/** Whether the subnets have a route to a NAT gateway: of a new VPC whether it gets one. */
export const hasNat = ({ endpoints, nat }: WaysToAws): boolean => nat ?? endpoints === 'nat';
