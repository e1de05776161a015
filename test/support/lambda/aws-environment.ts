/** The region and the account's keys, which no endpoint of these tests checks. */
export const TEST_ACCOUNT = {
  region: 'eu-central-1',
  credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'test', sessionToken: 'test' },
} as const;

/** The stack's own, as its generator makes them. */
export const INTEGRITY_SECRET = 'Leak11integrity'.padEnd(64, 'x7');

/** The variables that Lambda sets by itself, as far as code or SDK may look at them; a function has no others. */
export function awsEnvironment(sandbox: {
  functionName: string;
  taskRoot: string;
  runtimeApi: string;
}): Record<string, string> {
  const { region, credentials } = TEST_ACCOUNT;
  return {
    _HANDLER: 'index.handler',
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1024',
    AWS_LAMBDA_FUNCTION_NAME: sandbox.functionName,
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${sandbox.functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: '2026/11/25/[$LATEST]0123456789abcdef0123456789abcdef',
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_RUNTIME_API: sandbox.runtimeApi,
    AWS_REGION: region,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    LAMBDA_TASK_ROOT: sandbox.taskRoot,
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
  };
}
