import { afterEach, expect, it, vi } from 'vitest';
import { openAwsClients } from '../../../../lib/cli/doctor/checks/stack/aws-clients.ts';

afterEach(() => vi.unstubAllEnvs());

it('clients of AWS give up a silent server, repeat reads, and share what they found of the caller', async () => {
  vi.stubEnv('AWS_REGION', 'eu-north-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'id');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'key');
  using clients = openAwsClients();
  const { lambda } = clients;
  const services = [
    clients.cloudformation,
    clients.cloudwatch,
    clients.dynamodb,
    lambda,
    clients.scheduler,
    clients.secretsManager,
    clients.sqs,
  ];
  expect(await lambda.config.region()).toBe('eu-north-1');
  vi.stubEnv('AWS_REGION', 'us-east-1');
  for (const { config } of services) {
    expect(await config.maxAttempts()).toBe(3);
    expect(await config.region()).toBe('eu-north-1');
    expect((await config.credentials()).accessKeyId).toBe('id');
    // What is known of a handler is known once it was asked for anything.
    const handler = config.requestHandler as unknown as { configProvider: Promise<object> };
    expect(await handler.configProvider).toMatchObject({
      connectionTimeout: 3_000,
      requestTimeout: 5_000,
      throwOnRequestTimeout: true,
    });
  }
  expect(clients.sqs.config.useQueueUrlAsEndpoint).toBe(false);
});

it('clients of AWS are closed with what they are opened for', () => {
  const clients = openAwsClients();
  const destroyed = [clients.lambda, clients.sqs, clients.dynamodb].map((one) => vi.spyOn(one, 'destroy'));
  clients[Symbol.dispose]();
  for (const destroy of destroyed) expect(destroy).toHaveBeenCalledOnce();
});
