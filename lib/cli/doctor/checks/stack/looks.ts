import pLimit from 'p-limit';
import type { AwsConfig } from '../../../../config/aws.ts';
import { functionNameOf } from '../../../../config/deployed-names.ts';
import { ENV } from '../../../../config/env.ts';
import { scheduledOrders } from '../../../../config/scheduled-orders.ts';
import { toShellWord } from '../../../../platform/quote.ts';
import type { Surroundings } from '../../engine/surroundings.ts';
import { judgeAlarms, judgeDeadLetters } from '../../verdicts/stack/alarms.ts';
import { judgeConcurrency } from '../../verdicts/stack/concurrency.ts';
import { judgeFunction, judgeRepetition } from '../../verdicts/stack/function.ts';
import { judgeLastRun, windowOf } from '../../verdicts/stack/last-run.ts';
import { judgeSchedules } from '../../verdicts/stack/schedules.ts';
import { judgeSecret } from '../../verdicts/stack/secret.ts';
import { judgeAbsence, judgeResources, judgeStack } from '../../verdicts/stack/stack.ts';
import { judgeBackups, judgeTable, judgeTimeToLive } from '../../verdicts/stack/table.ts';
import { green, red, type Verdict } from '../../verdicts/verdict.ts';
import type { AskAws } from './ask-aws.ts';
import { type FoundParts, needed, partsOf } from './found-parts.ts';
import { readLocalMark } from './local-mark.ts';
import { seen } from './opened-account.ts';

/** Calls of one check that are under way at once: AWS throttles the reads of a whole account. */
const AT_ONCE = 5;
/** As functions/sweep/container.ts has it. */
const DEFAULT_WORKERS = 50;

/** What all checks of one stack share. */
export interface StackContext {
  readonly found: FoundParts;
  readonly stack: string;
  readonly aws: AwsConfig;
  readonly surroundings: Surroundings;
  /** The command that brings the stack to what the configuration says. */
  readonly deploy: string;
  /** The same, and it undoes what was changed outside of CloudFormation, which a plain deployment does not see. */
  readonly restore: string;
  /** The path of the configuration. */
  readonly file: string;
}

/** One question to AWS and what its answer means; a function asks and judges, so that each is a line in a table. */
export type Look = (ask: AskAws) => Promise<Verdict | readonly Verdict[]>;

export const lookAtStack =
  ({ stack, found }: StackContext): Look =>
  async (ask) => {
    const described = await seen(async () => {
      found.stack = await ask.stack(stack);
      return found.stack === undefined ? judgeAbsence(found.where) : green(`exists in ${found.where}`);
    });
    if (described.some(({ colour }) => colour === 'red')) return described;
    const parts = await seen(async () => {
      found.resources = await ask.resources(stack);
      return [];
    });
    return [...described, ...parts];
  };

/** Nothing is behind it: functions of a stack whose last deployment failed may do all that they should. */
export const lookAtDeployment =
  ({ deploy, restore, found }: StackContext): Look =>
  async () => [
    ...judgeStack(needed(found.stack, 'the status of the stack', 'stack'), { deploy, restore }),
    ...judgeResources(found.resources ?? []),
  ];

export const lookAtFunction =
  (
    name: 'sweep' | 'collect-batch' | 'poll',
    { stack, aws, deploy, restore, found, file }: StackContext,
  ): Look =>
  async (ask) => {
    const deployed = functionNameOf(stack, name);
    const [described, local] = await Promise.all([ask.function(deployed), readLocalMark(file)]);
    const verdicts = judgeFunction(described, { local, deploy, restore });
    if (described === undefined) return verdicts;
    if (name === 'sweep') found.sweep = described;
    // With a task it is the one that tells of the table, and its log tells nothing of runs.
    const { LoggingConfig: _ofPolls, ...rest } = described;
    if (name === 'poll' && aws.task) found.sweep = rest;
    const repetition = await seen(async () => {
      const invoked = await ask.eventInvoke(deployed);
      if (name === 'sweep') found.queue = invoked?.DestinationConfig?.OnFailure?.Destination;
      return judgeRepetition(invoked, { name: deployed, restore, hasDestination: name === 'sweep' });
    });
    return [...verdicts, ...repetition];
  };

/** By the parts of the stack: of ECS nothing is asked, and an alarm tells where no task runs. */
export const lookAtTask =
  ({ stack, aws, restore, found }: StackContext): Look =>
  async () => {
    const services = partsOf(found, 'AWS::ECS::Service').length - (aws.pushgateway?.deploy === true ? 1 : 0);
    if (services < 1) return red('the stack has no task that runs the sweeps', restore);
    return green(
      `the stack has the service of a task that runs the sweeps. ECS is not asked whether it runs: the alarm ${stack}-task fires when it does not`,
    );
  };

export const lookAtConcurrency =
  ({ aws, surroundings }: StackContext): Look =>
  async (ask) => {
    const settings = await ask.accountSettings();
    const { functions, maxConcurrentBatches = DEFAULT_WORKERS } = aws;
    return judgeConcurrency(settings?.AccountLimit, {
      sweeps: scheduledOrders(surroundings.loaded.config).length,
      workers: maxConcurrentBatches,
      reserved: {
        sweep: functions.sweep?.reservedConcurrency,
        worker: functions['collect-batch']?.reservedConcurrency,
      },
    });
  };

/** The table that the functions use: an app may have given another one than the configuration names. */
export const lookAtTable =
  ({ found }: StackContext): Look =>
  async (ask) => {
    const name = settingOf(found, ENV.table, 'which table the functions use');
    const table = await ask.table(name);
    if (table === undefined) return judgeTable(table, name);
    const all = await Promise.all([
      seen(async () => judgeTable(table, name)),
      seen(async () => judgeTimeToLive(await ask.timeToLive(name), name)),
      seen(async () => judgeBackups(await ask.backups(name), name)),
    ]);
    return all.flat();
  };

export const lookAtSecret =
  (id: string, { aws: { kmsKeyArn }, found }: StackContext): Look =>
  async (ask) =>
    judgeSecret(await ask.secret(id), { id, kmsKeyArn, integrity: false, where: found.where });

export const lookAtIntegritySecret =
  ({ found, aws: { kmsKeyArn } }: StackContext): Look =>
  async (ask) => {
    const id = settingOf(found, ENV.integritySecret, 'which integrity secret the functions use');
    return judgeSecret(await ask.secret(id), { id, kmsKeyArn, integrity: true, where: found.where });
  };

export const lookAtSchedules =
  ({ found, stack, surroundings, deploy, restore }: StackContext): Look =>
  async (ask) => {
    const limit = pLimit(AT_ONCE);
    const names = partsOf(found, 'AWS::Scheduler::Schedule');
    const all = await Promise.all(names.map((name) => limit(() => ask.schedule(name))));
    // The stack of an app has other parts, too.
    const ofSweep = all.filter((one) => one?.Target?.Arn?.endsWith(`:${functionNameOf(stack, 'sweep')}`));
    const orders = scheduledOrders(surroundings.loaded.config);
    return judgeSchedules(
      ofSweep.flatMap((one) => one ?? []),
      { orders, deploy, restore },
    );
  };

export const lookAtRuns =
  (
    sweep: { readonly name: string; readonly everyMs: number },
    { found, stack, surroundings }: StackContext,
  ): Look =>
  async (ask) => {
    const now = surroundings.clock.now();
    const from = now - windowOf(sweep.everyMs);
    const sums = await ask.runs({ stack, sweep: sweep.name, from, to: now });
    const { LastModified: modified = '', LoggingConfig: logging } = found.sweep ?? {};
    const deployedAt = Date.parse(modified);
    const group = logging?.LogGroup;
    return judgeLastRun(sums, {
      everyMs: sweep.everyMs,
      now,
      deployedAt: Number.isNaN(deployedAt) ? undefined : deployedAt,
      logs:
        group === undefined
          ? undefined
          : `aws logs tail ${toShellWord(group)} --since ${Math.ceil(windowOf(sweep.everyMs) / 60_000)}m`,
    });
  };

export const lookAtAlarms =
  ({ found, stack, restore }: StackContext): Look =>
  async (ask) => {
    const own = new Set(partsOf(found, 'AWS::CloudWatch::Alarm'));
    const prefixed = await ask.alarms(`${stack}-`);
    // Another stack's name may begin with this one's.
    const ofStack = prefixed.filter(({ AlarmName }) => own.has(AlarmName ?? ''));
    return judgeAlarms(ofStack, { stack, restore, names: [...own] });
  };

export const lookAtDeadLetters =
  ({ found, restore }: StackContext): Look =>
  async (ask) => {
    const urls = partsOf(found, 'AWS::SQS::Queue');
    const arn = needed(found.queue, 'where failed events go', 'function');
    const name = arn.slice(arn.lastIndexOf(':') + 1);
    const url = urls.find((one) => one.endsWith(`/${name}`));
    if (url === undefined) return red('events that fail go to a queue that is no part of the stack', restore);
    return judgeDeadLetters(await ask.queue(url), url);
  };

const settingOf = ({ sweep }: FoundParts, variable: string, what: string): string =>
  needed(sweep?.Environment?.Variables?.[variable], what, 'function');
