import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';

/** All calls only read: one whose answer was lost may be made again. */
const COMMON = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
};

/** Of the services that a stack is made of; region, credentials and endpoints are those of the SDK's own sources. */
export function openAwsClients() {
  const lambda = new LambdaClient(COMMON);
  // Found once: a profile may ask a person, or another service, each time.
  const { region, credentials } = lambda.config;
  const shared = { ...COMMON, region, credentials };
  const clients = {
    cloudformation: new CloudFormationClient(shared),
    cloudwatch: new CloudWatchClient(shared),
    dynamodb: new DynamoDBClient(shared),
    lambda,
    scheduler: new SchedulerClient(shared),
    secretsManager: new SecretsManagerClient(shared),
    // By the region, whatever host the address of a queue names.
    sqs: new SQSClient({ ...shared, useQueueUrlAsEndpoint: false }),
  };
  return {
    ...clients,
    [Symbol.dispose]() {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}

export type AwsClients = ReturnType<typeof openAwsClients>;
