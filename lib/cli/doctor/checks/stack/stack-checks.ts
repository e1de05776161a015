import { resolve } from 'node:path';
import { functionNameOf, stackOf } from '../../../../config/deployed-names.ts';
import { secretsOf } from '../../../../config/endpoints.ts';
import { messageOf } from '../../../../platform/errors.ts';
import { toShellWord } from '../../../../platform/quote.ts';
import type { Check } from '../../engine/check.ts';
import type { Surroundings } from '../../engine/surroundings.ts';
import { green, yellow } from '../../verdicts/verdict.ts';
import {
  type Around,
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
} from './looks.ts';
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
export function stackChecks(surroundings: Surroundings, file: string): StackChecks {
  const { config } = surroundings.loaded;
  const { aws } = config;
  const account = openAccount();
  const close = () => account[Symbol.asyncDispose]();
  if (aws === undefined) return { checks: [], [Symbol.asyncDispose]: close };
  const around: Around = {
    found: { stack: undefined, resources: undefined, sweep: undefined, queue: undefined },
    stack: stackOf(config),
    aws,
    surroundings,
    deploy: `npx cdk deploy -c ${toShellWord(`config=${resolve(file)}`)}`,
    file,
  };
  return { checks: checksOf(around, account), [Symbol.asyncDispose]: close };
}

function checksOf(around: Around, account: OpenedAccount): readonly Check[] {
  const { stack, surroundings } = around;
  const { config } = surroundings.loaded;
  const opened = openedCheck(stack, account);
  const of = (name: string, subject: string, look: Look, more: Pick<Check, 'after' | 'ms'>): Check => ({
    name,
    subject,
    ...more,
    run: (options) => account.look(look, options),
  });
  const whole = of('stack', stack, lookAtStack(around), { after: [opened] });
  const functionCheck = (name: Parameters<typeof lookAtFunction>[0]) =>
    of('function', functionNameOf(stack, name), lookAtFunction(name, around), { after: [whole] });
  const secrets = new Set(secretsOf(config).map(({ secret }) => secret));
  const secretChecks = Array.from(secrets, (id) =>
    of('secret', id, lookAtSecret(id, around), { after: [opened] }),
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

function openedCheck(stack: string, account: OpenedAccount): Check {
  return {
    name: 'aws',
    subject: stack,
    // It loads seven packages of the SDK, which takes a busy machine seconds.
    ms: LONG_MS,
    async run(options) {
      try {
        return green(`there are credentials, and a region: ${await account.open(options)}`);
      } catch (error) {
        options.signal.throwIfAborted();
        const reason = `not checked: ${messageOf(error).replace(/\.+$/, '')}`;
        return yellow(`${reason}. Set AWS_REGION, and AWS_PROFILE or other AWS credentials`);
      }
    },
  };
}
