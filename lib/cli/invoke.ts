import * as z from 'zod';
import { functionNameOf } from '../config/deployed-names.ts';
import { systemClock } from '../platform/clock.ts';
import { startDeadline } from '../platform/deadline.ts';
import { InvokeError } from '../platform/invoke.ts';
import { callFunction, createLambdaClient, type FunctionAnswer } from '../platform/lambda-invoke.ts';
import { untilReady } from '../platform/until-ready.ts';
import { POLL_CLIENT_CONTEXT } from '../poll/lambda-polls.ts';
import type { PollReply } from '../poll/reply.ts';
import { parseSummary } from '../sweep/result/parse-summary.ts';
import { parseRunFailure } from '../sweep/run/failed-run.ts';
import { parseListedHostKeys } from '../sweep/scan/list-host-keys.ts';
import { requireAwsAccess } from './aws-access.ts';
import { withGuestPassword } from './guest-password.ts';
import { type PollOrder, printReply, sayKnownMethods, toRequest } from './poll.ts';
import { printRun } from './print-run.ts';
import { printKnownHosts, printScan, printWithoutList, toScanJson } from './print-scan.ts';
import { abortOnSignals, print, printError, tableWidth } from './terminal.ts';

/** Lambda ends a function after a quarter of an hour at the latest. */
const LONGEST_MS = 15 * 60_000 + 10_000;
/** For a function to wake that Lambda has made inactive. */
const LONGEST_WAIT_MS = 5 * 60_000;

/** `vsweep invoke sweep <name>`: one run, now, in AWS. Answers the exit code. */
export async function invokeSweepCommand(
  sweep: string,
  { stack, target, json, verbose }: { stack: string; target?: string; json: boolean; verbose: boolean },
): Promise<number> {
  const name = functionNameOf(stack, 'sweep');
  const answer = await call(name, { sweep, ...(target === undefined ? {} : { target }) });
  if (answer.threw) return printFailedRun(name, answer, { json, verbose });
  const summary = parseSummary(parseJson(answer));
  if (summary === undefined) throw notUnderstood(name);
  printRun(summary, { json, verbose });
  return summary.exitCode;
}

/** A run that failed says why, and besides what became of it. */
function printFailedRun(
  name: string,
  answer: FunctionAnswer,
  { json, verbose }: { json: boolean; verbose: boolean },
): number {
  const data = readThrown(name, answer);
  const { reason, summary } = parseRunFailure(data.errorMessage);
  if (summary !== undefined) printRun(summary, { json, verbose });
  return printThrown(name, { ...data, errorMessage: reason });
}

/** `vsweep invoke poll`: one request, from AWS, and its reply. Answers 1 when it did not succeed. */
export async function invokePollCommand(given: PollOrder & { readonly stack: string }): Promise<number> {
  const options = await withGuestPassword(given);
  const name = functionNameOf(options.stack, 'poll');
  const answer = await call(name, toRequest(options), POLL_CLIENT_CONTEXT);
  if (answer.threw) return printThrown(name, readThrown(name, answer));
  const reply = pollReply.safeParse(parseJson(answer));
  if (!reply.success) throw notUnderstood(name);
  const exitCode = printReply(reply.data, options);
  sayKnownMethods(options.method);
  return exitCode;
}

/**
 * `vsweep invoke hostkeys`: the hosts whose ssh key is not known, asked from AWS without a login. Nothing is accepted by
 * it: that takes esxi.hostKeys.file and a deployment. Answers 0 when all are known, else 3.
 */
export async function invokeHostkeysCommand(options: {
  readonly stack: string;
  readonly target?: string;
  readonly knownHosts: boolean;
  readonly json: boolean;
  readonly verbose: boolean;
}): Promise<number> {
  if (options.knownHosts && options.json) {
    printError('--known-hosts cannot be combined with --json');
    return 2;
  }
  const name = functionNameOf(options.stack, 'sweep');
  const { target } = options;
  const answer = await call(name, { hostkeys: target === undefined ? {} : { target } });
  if (answer.threw) return printThrown(name, readThrown(name, answer));
  const listed = parseListedHostKeys(parseJson(answer));
  if (listed === undefined) throw notUnderstood(name);
  const { hosts, known, omitted, withoutList } = listed;
  for (const one of withoutList) printError(printWithoutList(one));
  if (omitted > 0)
    printError(`${omitted} more hosts have an unknown key; repeat this with --target for each target`);
  if (options.json) print(JSON.stringify({ ...listed, hosts: toScanJson(hosts) }, undefined, 2));
  else if (options.knownHosts) print(printKnownHosts(hosts));
  else print(printScan(hosts, { known, width: tableWidth(options) }));
  return hosts.length === 0 && withoutList.length === 0 ? 0 : 3;
}

async function call(name: string, event: object, clientContext?: object): Promise<FunctionAnswer> {
  const client = createLambdaClient({ maxSockets: 1 });
  using signals = abortOnSignals();
  using deadline = startDeadline({
    clock: systemClock,
    ms: LONGEST_MS,
    what: name,
    signal: signals.signal,
  });
  try {
    await requireAwsAccess(
      client,
      (why, cause) => new InvokeError(`${name} was not called: ${why}`, { code: 'refused', cause }),
    );
    const payload = Buffer.from(JSON.stringify(event));
    using waiting = startDeadline({ ...deadline, clock: systemClock, ms: LONGEST_WAIT_MS, what: name });
    const onWait = ({ message }: InvokeError) => printError(`vsweep: ${message}; waiting for it`);
    return await untilReady(() => callFunction(client, { name, payload, clientContext }, deadline), {
      clock: systemClock,
      random: Math.random,
      onWait,
      signal: waiting.signal,
    });
  } catch (error) {
    throw withMissingFunction(name, error);
  } finally {
    client.destroy();
  }
}

/** A stack with a task has no sweep function, and no stack of that name looks the same. */
function withMissingFunction(name: string, error: unknown): unknown {
  if (!(error instanceof InvokeError)) return error;
  const { cause } = error;
  if (!(cause instanceof Error) || cause.name !== 'ResourceNotFoundException') return error;
  const task = name.endsWith('-sweep')
    ? '. A stack with aws.task: true has none: its task runs each sweep by its interval, and its log (output TaskLogGroup) says what came of each run'
    : '';
  const message = `${error.message.replace(/\.+$/, '')}. Check --stack and AWS_REGION${task}`;
  return new InvokeError(message, { code: error.code, cause });
}

const thrown = z.object({ errorType: z.string(), errorMessage: z.string() });
const jsonObject: z.ZodType<Record<string, z.core.util.JSONType>> = z.record(z.string(), z.json());

const pollReply: z.ZodType<PollReply> = z.discriminatedUnion('success', [
  z.object({ success: z.literal(0), msg: z.string(), result: z.union([z.array(jsonObject), jsonObject]) }),
  z.object({ success: z.literal(1), msg: z.string(), traceback: z.string().exactOptional() }),
]);

function readThrown(name: string, answer: FunctionAnswer): z.output<typeof thrown> {
  const { data } = thrown.safeParse(parseJson(answer));
  if (data === undefined) throw notUnderstood(name);
  return data;
}

/** An event that asks for nothing there is was a wrong command line: 2, as it is here. */
function printThrown(name: string, data: z.output<typeof thrown>): number {
  printError(`vsweep: ${name}: ${data.errorType}: ${data.errorMessage}`);
  return data.errorType === 'EventError' ? 2 : 1;
}

function parseJson({ payload }: FunctionAnswer): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString());
  } catch {
    return undefined;
  }
}

const notUnderstood = (name: string) =>
  new InvokeError(
    `${name} sent an answer that this version of vsweep does not understand. Use the same version here and in the deployment`,
    { code: 'lost' },
  );
