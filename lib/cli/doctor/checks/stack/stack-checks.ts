import { resolve } from 'node:path';
import { placesOf } from '../../../../config/check-regions.ts';
import { functionNameOf, stackOf } from '../../../../config/deployed-names.ts';
import { secretsOf } from '../../../../config/endpoints.ts';
import { messageOf } from '../../../../platform/errors.ts';
import { toShellWord } from '../../../../platform/quote.ts';
import type { Check } from '../../engine/check.ts';
import type { Surroundings } from '../../engine/surroundings.ts';
import { judgeRegion } from '../../verdicts/stack/region.ts';
import { green, yellow } from '../../verdicts/verdict.ts';
import {
  type Look,
  lookAtAlarms,
  lookAtConcurrency,
  lookAtDeadLetters,
  lookAtDeployment,
  lookAtFunction,
  lookAtIntegritySecret,
  lookAtRuns,
  lookAtSchedules,
  lookAtSecret,
  lookAtStack,
  lookAtTable,
  lookAtTask,
  type StackContext,
} from './looks.ts';
import { NotAskedError } from './not-asked-error.ts';
import { type OpenedAccount, openAccount } from './opened-account.ts';

/** Of what takes longer than a call or two: lists with hundreds of entries, each of which is asked for by itself. */
const LONG_MS = 60_000;

export interface StackChecks extends AsyncDisposable {
  readonly checks: readonly Check[];
}

/**
 * The parts of a deployed stack, as AWS describes them: all calls only read, and none reads a secret. A configuration
 * without a section `aws` has none. Without region or credentials one yellow line is all.
 */
export function stackChecks(
  surroundings: Surroundings,
  file: string,
  account: OpenedAccount = openAccount(),
): StackChecks {
  const { config } = surroundings.loaded;
  const { aws } = config;
  const withConfig = `-c ${toShellWord(`config=${resolve(file)}`)}`;
  const close = () => account[Symbol.asyncDispose]();
  if (aws === undefined) return { checks: [], [Symbol.asyncDispose]: close };
  const around: StackContext = {
    found: {
      where: 'this account and region',
      stack: undefined,
      resources: undefined,
      sweep: undefined,
      queue: undefined,
    },
    stack: stackOf(config),
    aws,
    surroundings,
    deploy: `npx cdk deploy ${withConfig}`,
    restore: `npx cdk deploy --revert-drift ${withConfig}`,
    file,
  };
  return { checks: checksOf(around, account), [Symbol.asyncDispose]: close };
}

function checksOf(around: StackContext, account: OpenedAccount): readonly Check[] {
  const { stack, surroundings } = around;
  const { config } = surroundings.loaded;
  const opened = openedCheck(around, account);
  const of = (name: string, subject: string, look: Look, more: Pick<Check, 'after' | 'ms'>): Check => ({
    name,
    subject,
    late: 'yellow',
    ...more,
    run: (options) => account.look(look, options),
  });
  const whole = of('stack', stack, lookAtStack(around), { after: [opened] });
  const functionCheck = (name: Parameters<typeof lookAtFunction>[0]) =>
    of('function', functionNameOf(stack, name), lookAtFunction(name, around), { after: [whole] });
  const secrets = new Set(secretsOf(config).map(({ secret }) => secret));
  const secretChecks = Array.from(secrets, (id) =>
    of('secret', id, lookAtSecret(id, around), { after: [whole] }),
  );
  const poll = functionCheck('poll');
  const common = (by: Check) => {
    const deployed = { after: [whole, by] };
    return {
      table: of('table', stack, lookAtTable(around), deployed),
      runs: config.sweeps.map((one) => of('last run', one.name, lookAtRuns(one, around), deployed)),
      alarms: of('alarms', stack, lookAtAlarms(around), { after: [whole], ms: LONG_MS }),
    };
  };
  const deployment = of('deployment', stack, lookAtDeployment(around), { after: [whole] });
  if (around.aws.task) {
    const task = of('task', stack, lookAtTask(around), { after: [whole] });
    const { table, runs, alarms } = common(poll);
    return [opened, whole, deployment, task, poll, table, ...secretChecks, ...runs, alarms];
  }
  const sweep = functionCheck('sweep');
  const deployed = { after: [whole, sweep] };
  const { table, runs, alarms } = common(sweep);
  return [
    opened,
    whole,
    deployment,
    sweep,
    functionCheck('collect-batch'),
    poll,
    of('concurrency', stack, lookAtConcurrency(around), { after: [opened] }),
    table,
    ...secretChecks,
    of('integrity secret', stack, lookAtIntegritySecret(around), deployed),
    of('schedules', stack, lookAtSchedules(around), { ...deployed, ms: LONG_MS }),
    ...runs,
    alarms,
    of('dead letters', stack, lookAtDeadLetters(around), deployed),
  ];
}

function openedCheck({ stack, surroundings, found }: StackContext, account: OpenedAccount): Check {
  return {
    name: 'aws',
    subject: stack,
    late: 'yellow',
    // It loads seven packages of the SDK, which takes a busy machine seconds.
    ms: LONG_MS,
    async run(options) {
      try {
        await account.load();
      } catch (error) {
        return yellow(`not checked: ${messageOf(error)}`);
      }
      try {
        const opened = await account.open(functionNameOf(stack, 'poll'), options);
        const { account: number = 'unknown', region } = opened;
        found.where = `account ${number}, region ${region}`;
        return (
          judgeRegion(placesOf(surroundings.loaded.config)[0], opened) ?? green(`looks at ${found.where}`)
        );
      } catch (error) {
        options.signal.throwIfAborted();
        const reason = `not checked: ${messageOf(error).replace(/\.+$/, '')}`;
        const remedy =
          error instanceof NotAskedError
            ? 'Renew the AWS credentials'
            : 'Set AWS_REGION, and AWS_PROFILE or other AWS credentials';
        return yellow(`${reason}. ${remedy}`);
      }
    },
  };
}
