import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ENV } from '../lib/config/env.ts';
import { BundledFunction } from './bundled-function.ts';
import { FailedRuns } from './failed-runs.ts';
import { collectBatchSize, POLL_SIZE, sweepSize } from './function-sizes.ts';
import type { Deployment } from './read-deployment.ts';
import { Schedules } from './schedules.ts';
import { grantSecrets, hostSecrets, pushSecrets, targetSecrets } from './secrets.ts';
import { StateTable } from './state-table.ts';

/** schedule → sweep → collect-batch, and poll, with the state table, the secrets and the queue of what came to nothing. */
export class VsweepStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { deployment, ...props }: StackProps & { deployment: Deployment },
  ) {
    super(scope, id, { description: 'vsweep: sweeps vSphere fleets and pushes to a Pushgateway', ...props });
    const { config, bundledConfig } = deployment;
    const state = new StateTable(this, 'State');
    const failedRuns = new FailedRuns(this, 'FailedRuns');

    const collectBatch = new BundledFunction(this, 'CollectBatch', {
      name: 'collect-batch',
      bundledConfig,
      environment: { [ENV.table]: state.tableName },
      ...collectBatchSize(config),
    });
    state.grant('collect-batch', collectBatch);
    grantSecrets(hostSecrets(config), collectBatch);

    const sweep = new BundledFunction(this, 'Sweep', {
      name: 'sweep',
      bundledConfig,
      environment: { [ENV.table]: state.tableName, [ENV.collectBatch]: collectBatch.functionName },
      onFailure: failedRuns.queue,
      ...sweepSize(config),
    });
    state.grant('sweep', sweep);
    // Of the hosts' secret it reads the version and the user's name, for the plan.
    grantSecrets([...targetSecrets(config), ...hostSecrets(config), ...pushSecrets(config)], sweep);
    collectBatch.grantInvoke(sweep);

    const poll = new BundledFunction(this, 'Poll', {
      name: 'poll',
      bundledConfig,
      environment: { [ENV.table]: state.tableName },
      ...POLL_SIZE,
    });
    state.grant('poll', poll);
    grantSecrets(targetSecrets(config), poll);

    new Schedules(this, 'Schedules', { sweeps: config.sweeps, sweep, undelivered: failedRuns.queue });

    new CfnOutput(this, 'SweepFunction', { value: sweep.functionName });
    new CfnOutput(this, 'PollFunction', { value: poll.functionName });
    new CfnOutput(this, 'StateTableName', { value: state.tableName });
  }
}
