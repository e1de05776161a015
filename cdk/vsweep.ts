import { Stack, Tags } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { KNOWN_COLLECTORS } from '../lib/collectors/known-collectors.ts';
import { stackOf } from '../lib/config/deployed-names.ts';
import { worksAs } from '../lib/config/deployed-parts.ts';
import { deployedPushgatewayUrl } from '../lib/config/deployed-pushgateway.ts';
import { secretsOf } from '../lib/config/endpoints.ts';
import { ENV } from '../lib/config/env.ts';
import { reachingBy } from '../lib/config/network-ports.ts';
import { alarmTopic } from './alarm-topic.ts';
import { Alarms } from './alarms.ts';
import type { BundleName, FunctionName } from './bundle.ts';
import { BundledFunction } from './bundled-function.ts';
import { grantMetrics } from './cloudwatch-metrics.ts';
import { addDashboard } from './dashboard.ts';
import { DeployedPushgateway } from './deployed-pushgateway.ts';
import { DeployedTask } from './deployed-task.ts';
import { FailedRuns } from './failed-runs.ts';
import { sizeOf } from './function-sizes.ts';
import type { Given } from './given.ts';
import { IntegritySecret } from './integrity-secret.ts';
import { Network } from './network.ts';
import { type Deployment, readDeployment } from './read-deployment.ts';
import type { RightsHolder } from './rights-holder.ts';
import { Schedules } from './schedules.ts';
import { SecretReads } from './secret-reads.ts';
import { grantSecrets, grantSecretsKey } from './secrets.ts';
import { StateTable } from './state-table.ts';
import { grantWorkspace } from './workspace.ts';

export { ConfigError } from '../lib/config/errors.ts';
export type { Given } from './given.ts';
export { type Deployment, readDeployment } from './read-deployment.ts';

/** The path of a `vsweep.yaml` with a section `aws`, and what is given beside it; or what `readDeployment` made of both. */
export type VsweepProps = ({ readonly config: string } & Given) | { readonly config: Deployment };

/**
 * schedule → sweep → collect-batch, or a task in place of the three, and poll, in a network, with the state table, the secrets, the queue of what came
 * to nothing, and what watches over them. One in a stack, which `aws.stack` names: functions, metrics and the command
 * line know it by that name. Throws ConfigError with all faults of the configuration.
 */
export class Vsweep extends Construct {
  /** Names, ARNs and addresses for operators; what the deployment does not have is absent. */
  readonly outputs: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, { config: source, ...given }: VsweepProps) {
    super(scope, id);
    const deployment = typeof source === 'string' ? readDeployment(source, given) : source;
    const { config, bundledConfig } = deployment;
    const { stackName } = Stack.of(this);
    if (stackName !== stackOf(config)) throw otherStack(stackName, stackOf(config));
    const {
      network: where,
      pushgateway,
      alarms,
      poll: polls,
      stateTable,
      kmsKeyArn,
      tags,
      tracing,
    } = config.aws;
    for (const [key, value] of Object.entries(tags)) Tags.of(this).add(key, value);
    const state = new StateTable(this, 'State', { adopted: stateTable?.name });
    const integrity = new IntegritySecret(this, 'Integrity', { adopted: stateTable?.integritySecret });
    const reaching = reachingBy(config, KNOWN_COLLECTORS);
    const network = where && new Network(this, 'Network', { config: reaching, network: where });
    if (network !== undefined) {
      // What outlives the stack is made when the likeliest faults of a first deployment are behind it.
      for (const kept of [state, integrity]) kept.node.addDependency(network);
    }
    const reads = (name: BundleName, { reads: readers }: ReturnType<typeof secretsOf>[number]) =>
      worksAs(name).some((one) => readers.includes(one));
    const secretsFor = (name: BundleName) =>
      secretsOf(config).flatMap((one) => (reads(name, one) ? [one.secret] : []));
    /** Of these a part reads none but those that it is given, whatever their names begin with. */
    const guardedFrom = (name: BundleName) => [
      ...secretsOf(config).flatMap((one) => (reads(name, one) ? [] : [one.secret])),
      ...(name === 'poll' ? [integrity.arn] : []),
    ];
    const entitle = <Holder extends RightsHolder>(name: BundleName, holder: Holder): Holder => {
      state.grant(name, holder, config);
      grantSecrets(secretsFor(name), holder, { guarded: guardedFrom(name) });
      return holder;
    };
    const functionOf = (id: string, name: FunctionName, more: object = {}) => {
      const environment = { [ENV.table]: state.tableName };
      const common = { name, bundledConfig, environment, network, tracing, ...sizeOf(name, config) };
      return entitle(name, new BundledFunction(this, id, { ...common, ...more }));
    };

    const sealed = {
      [ENV.table]: state.tableName,
      [ENV.stack]: stackName,
      [ENV.integritySecret]: integrity.arn,
    };
    const withFunctions = () => {
      const failedRuns = new FailedRuns(this, 'FailedRuns');
      const collectBatch = functionOf('CollectBatch', 'collect-batch', { environment: sealed });
      // Of the hosts' secret it reads the version and the user's name, for the plan.
      const sweep = functionOf('Sweep', 'sweep', {
        environment: { ...sealed, [ENV.collectBatch]: collectBatch.functionName },
        onFailure: failedRuns.queue,
      });
      collectBatch.grantInvoke(sweep);
      return { failedRuns, collectBatch, sweep };
    };
    const withTask = (place: Network) =>
      entitle(
        'task',
        new DeployedTask(this, 'Task', {
          aws: config.aws,
          bundledConfig,
          environment: sealed,
          network: place,
        }),
      );
    const task = config.aws.task && network !== undefined ? withTask(network) : undefined;
    const swept = task === undefined ? withFunctions() : undefined;
    const sweepers: readonly RightsHolder[] = [task, swept?.sweep, swept?.collectBatch].flatMap(
      (one) => one ?? [],
    );
    const poll = functionOf('Poll', 'poll');
    for (const pusher of [task, swept?.sweep].flatMap((one) => one ?? [])) {
      grantWorkspace(config.remoteWrite?.workspaceArn, pusher);
      grantMetrics(config.otlp?.region, pusher);
    }
    for (const reader of sweepers) integrity.grantRead(reader);
    // Each has a secret to read; an adopted integrity secret may be under that key too.
    if (kmsKeyArn !== undefined) {
      for (const reader of [...sweepers, poll]) grantSecretsKey(kmsKeyArn, reader);
    }
    if (swept !== undefined) {
      const undelivered = swept.failedRuns.queue;
      const schedules = new Schedules(this, 'Schedules', { config, sweep: swept.sweep, undelivered });
      if (network !== undefined) schedules.node.addDependency(network);
    }

    const deployedPushgateway =
      pushgateway?.deploy === true && network !== undefined
        ? new DeployedPushgateway(this, 'Pushgateway', {
            pushgateway,
            network,
            pusher: task === undefined ? 'sweep' : 'task',
          })
        : undefined;
    const functions =
      swept === undefined ? { poll } : { sweep: swept.sweep, 'collect-batch': swept.collectBatch, poll };
    const { sweeps } = config;
    const topic = alarmTopic(this, alarms);
    const secretReads = alarms.secretReads
      ? new SecretReads(this, 'SecretReads', {
          secrets: [...secretsFor('collect-batch'), integrity.nameOrArn],
          readers: sweepers,
          topic,
        })
      : undefined;
    new Alarms(this, 'Alarms', {
      topic,
      sweeps,
      functions,
      sweepTimeout: task === undefined ? sizeOf('sweep', config).timeout : undefined,
      resources: {
        'dead-letters': swept && { QueueName: swept.failedRuns.queue.queueName },
        task: task?.dimensions,
        'throttles-table': { TableName: state.tableName },
        pushgateway: deployedPushgateway?.dimensions,
        'secret-reads': secretReads && { RuleName: secretReads.ruleName },
      },
      pushes: [config.push, config.victoriaMetrics, config.remoteWrite, config.otlp].some(
        (sink) => sink !== undefined,
      ),
    });
    const dashboard = addDashboard(this, { sweeps, functions });

    const outputs: Readonly<Record<string, string | undefined>> = {
      SweepFunction: swept?.sweep.functionName,
      TaskCluster: task?.dimensions.ClusterName,
      TaskService: task?.dimensions.ServiceName,
      TaskLogGroup: task?.logGroupName,
      PollFunction: poll.functionName,
      PollUrl: polls.functionUrl ? poll.addUrl() : undefined,
      SweepRoleArn: swept?.sweep.roleArn,
      CollectBatchRoleArn: swept?.collectBatch.roleArn,
      TaskRoleArn: task?.roleArn,
      PollRoleArn: poll.roleArn,
      StateTableName: state.tableName,
      IntegritySecretArn: integrity.arn,
      FailedRunsQueueUrl: swept?.failedRuns.queue.queueUrl,
      AlarmTopicArn: topic.topicArn,
      DashboardName: dashboard.dashboardName,
      VpcId: network?.vpc.vpcId,
      SweepSecurityGroup: swept && network?.securityGroupOf('sweep').securityGroupId,
      CollectBatchSecurityGroup: swept && network?.securityGroupOf('collect-batch').securityGroupId,
      TaskSecurityGroup: task && network?.securityGroupOf('task').securityGroupId,
      PollSecurityGroup: network?.securityGroupOf('poll').securityGroupId,
      PushgatewayUrl: pushgateway?.deploy === true ? deployedPushgatewayUrl(stackName) : undefined,
    };
    this.outputs = Object.fromEntries(
      Object.entries(outputs).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );
  }
}

function otherStack(stackName: string, named: string): RangeError {
  return new RangeError(
    `the construct Vsweep is in the stack ${stackName}, but its configuration is of the stack ${named}. ` +
      `Write aws: { stack: ${stackName} } in the configuration`,
  );
}
