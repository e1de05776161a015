import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { functionNameOf, STACK, stackOf } from '../config/deployed-names.ts';
import { ENV } from '../config/env.ts';
import { ConfigError } from '../config/errors.ts';
import type { LoadedConfig } from '../config/loaded-config.ts';
import type { Clock } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';
import { StateError } from '../state/errors.ts';
import { createState, type State } from '../state/state.ts';
import { requireAwsAccess } from './aws-access.ts';

/** The state of a deployed stack. */
export interface StackState extends AsyncDisposable {
  readonly state: State;
  readonly table: string;
}

/**
 * Opens the state of the stack that a configuration with a section `aws` describes, as its poll function has it: refused
 * logins are read and counted where the functions count them, because two counts could lock an account together. Host keys
 * and host lists can be neither read nor written, because they are sealed with the stack's integrity secret. Rejects with
 * StateError where the table cannot be found or read; then nobody may log in.
 */
export async function openStackState(
  { loaded, clock }: { loaded: LoadedConfig; clock: Clock },
  { signal }: { signal: AbortSignal },
): Promise<StackState> {
  const stack = stackOf(loaded.config);
  const toError = (why: string, cause?: unknown) =>
    new StateError(
      `The state table of the stack ${stack} was not opened, so nobody is logged in to: ${why.replace(/\.+$/, '')}. Refused logins of this configuration are counted in that table. ` +
        'Set AWS_REGION and AWS_PROFILE to those of the stack; where nothing is deployed, leave out the section aws',
      { code: 'refused', cause },
    );
  // The SDK is half of what a command without it loads.
  const { createDeployedClient } = await import('../state/dynamo/deployed-client.ts');
  const { createDynamoTable } = await import('../state/dynamo/table.ts');
  await using opening = new AsyncDisposableStack();
  const client = opening.adopt(createDeployedClient(), (one) => one.destroy());
  await requireAwsAccess(client, toError);
  try {
    const table = await findTable(stack, client.config, { signal });
    const state = createState({
      table: createDynamoTable({ client, tableName: table, clock }),
      clock,
      seals: async () => {
        throw new Error(`only the functions of ${stack} have the key.`);
      },
    });
    // A table that cannot be read is found out here, not by the first login.
    await state.accounts.read('vsweep', 'none', { signal });
    const resources = opening.move();
    return { state, table, [Symbol.asyncDispose]: () => resources.disposeAsync() };
  } catch (error) {
    signal.throwIfAborted();
    throw toError(messageOf(error), error);
  }
}

/** The one that the poll function has: an app may have given another than the configuration names. */
async function findTable(
  stack: string,
  { region, credentials }: Pick<DynamoDBDocumentClient['config'], 'region' | 'credentials'>,
  { signal }: { signal: AbortSignal },
): Promise<string> {
  const { GetFunctionConfigurationCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
  const client = new LambdaClient({
    // Found once: a profile may ask a person, or another service, each time.
    ...{ region, credentials },
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 3_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
  });
  const name = functionNameOf(stack, 'poll');
  try {
    const command = new GetFunctionConfigurationCommand({ FunctionName: name });
    const { Environment } = await client
      .send(command, { abortSignal: signal })
      .catch(async (error: unknown) => {
        signal.throwIfAborted();
        const [said = ''] = messageOf(error).split('\n');
        throw new Error(
          `lambda:GetFunctionConfiguration of ${name} in ${await client.config.region()}: ${said}`,
          {
            cause: error,
          },
        );
      });
    const table = Environment?.Variables?.[ENV.table];
    if (table !== undefined) return table;
    throw new Error(`the function ${name} has no ${ENV.table} in its environment`);
  } finally {
    client.destroy();
  }
}

/**
 * Throws ConfigError for a configuration with a section `aws`: a run logs in to hosts, by keys that only the functions of
 * the stack can check, and would count refusals in the state of this machine.
 */
export function refuseRunsBesideStack({ config }: Pick<LoadedConfig, 'config'>, what: string): void {
  if (config.aws === undefined) return;
  const stack = stackOf(config);
  throw new ConfigError('the configuration', [
    {
      path: 'aws',
      message:
        `describes the stack ${stack}, which counts refused logins in its table; ${what} would count them on this machine, and both together could lock an account. ` +
        `${config.aws.task ? 'Its task runs each sweep by its interval' : `Use the stack: vsweep invoke sweep <name>${stack === STACK ? '' : ` --stack ${stack}`}`}. Where nothing is deployed, leave out the section aws`,
    },
  ]);
}
