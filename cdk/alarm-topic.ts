import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import type { AwsConfig } from '../lib/config/aws.ts';

/**
 * Whom the alarms tell: the operator's topic, whose policy is the operator's, or one of the stack's. A topic with a
 * policy of its own has lost SNS's default, by which services of the account may publish: CloudWatch is let in here
 * (https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html).
 */
export function alarmTopic(scope: Construct, { topicArn, emails }: AwsConfig['alarms']): ITopic {
  if (topicArn !== undefined) return Topic.fromTopicArn(scope, 'Topic', topicArn);
  const topic = new Topic(scope, 'Topic', { enforceSSL: true });
  for (const email of emails) topic.addSubscription(new EmailSubscription(email));
  const { account, stackName } = Stack.of(scope);
  const alarms = Stack.of(scope).formatArn({
    service: 'cloudwatch',
    resource: 'alarm',
    resourceName: `${stackName}-*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  letPublish(topic, 'cloudwatch.amazonaws.com', {
    StringEquals: { 'aws:SourceAccount': account },
    ArnLike: { 'aws:SourceArn': alarms },
  });
  return topic;
}

/** Lets a service of AWS publish, for the sources that the conditions name. */
export function letPublish(topic: ITopic, service: string, conditions: Record<string, object>): void {
  topic.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal(service)],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions,
    }),
  );
}
