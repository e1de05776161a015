import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ContextAttribute,
  Schedule,
  ScheduleExpression,
  ScheduleTargetInput,
} from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { calledOf, descriptionOf, scheduledOrders } from '../lib/config/scheduled-orders.ts';
import type { Config } from '../lib/config/schema.ts';
import { type BundledFunction, MAX_EVENT_AGE } from './bundled-function.ts';

interface SchedulesProps {
  readonly config: Config;
  readonly sweep: BundledFunction;
  /** Where EventBridge Scheduler puts the events that it could not deliver. */
  readonly undelivered: IQueue;
}

/** One schedule a sweep, or a sweep and target. An event is delivered once or not at all: the next one comes soon enough. */
export class Schedules extends Construct {
  constructor(scope: Construct, id: string, { config, sweep, undelivered }: SchedulesProps) {
    super(scope, id);
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    sweep.grantInvoke(role);
    role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [undelivered.queueArn] }),
    );
    for (const { everyMs, ...order } of scheduledOrders(config)) {
      new Schedule(this, `sweep-${calledOf(order)}`, {
        description: descriptionOf(order),
        schedule: ScheduleExpression.rate(Duration.millis(everyMs)),
        target: {
          bind: () => ({
            arn: sweep.functionArn,
            role,
            input: ScheduleTargetInput.fromObject({
              ...order,
              scheduledAt: ContextAttribute.scheduledTime,
            }),
            retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: MAX_EVENT_AGE.toSeconds() },
            deadLetterConfig: { arn: undelivered.queueArn },
          }),
        },
      });
    }
  }
}
