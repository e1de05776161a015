import * as z from 'zod';
import { ConfigError } from './errors.ts';

/** The environment variables of the Lambda functions and of the task; the deployment sets exactly these. */
export const ENV = {
  /** The DynamoDB table of the state. */
  table: 'VSWEEP_TABLE',
  /** The name of the function that collects a batch. */
  collectBatch: 'VSWEEP_COLLECT_BATCH',
  /** The stack's name: a batch request is sealed for one stack. */
  stack: 'VSWEEP_STACK',
  /** The ARN of the stack's integrity secret, of sweep and worker. */
  integritySecret: 'VSWEEP_INTEGRITY_SECRET',
  /** The function's own name; set by Lambda itself. */
  functionName: 'AWS_LAMBDA_FUNCTION_NAME',
  /** Its memory in MB; set by Lambda itself. */
  functionMemory: 'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  /** The memory of a task that runs the sweeps, in MB; no function has it. */
  taskMemory: 'VSWEEP_TASK_MEMORY',
  /** The port at which a task answers the health check of its container. */
  taskHealthPort: 'VSWEEP_TASK_HEALTH_PORT',
  /** Where Lambda put the bundle, and `config.json` in it; set by Lambda itself, and by the deployment of a task. */
  taskRoot: 'LAMBDA_TASK_ROOT',
} as const;

type EnvKey = keyof typeof ENV;

/** What a function reads of its environment: all that is missing comes in one ConfigError. */
export function readEnv<Key extends EnvKey>(
  env: Readonly<Record<string, string | undefined>>,
  keys: readonly Key[],
): { readonly [K in Key]: string } {
  const shape = z.object(
    Object.fromEntries(keys.map((key) => [ENV[key], z.string('is not set').min(1, 'is empty')])),
  );
  const parsed = shape.safeParse(env);
  if (!parsed.success) {
    const issues = parsed.error.issues.map(({ path, message }) => ({
      path: path.join(),
      message: `${message}; the deployment has to set it`,
    }));
    throw new ConfigError('environment', issues, parsed.error);
  }
  return Object.fromEntries(keys.map((key) => [key, parsed.data[ENV[key]]])) as { [K in Key]: string };
}
