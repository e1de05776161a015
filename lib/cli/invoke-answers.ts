import * as z from 'zod';
import { InvokeError } from '../platform/invoke.ts';
import type { FunctionAnswer } from '../platform/lambda-invoke.ts';
import type { PollReply } from '../poll/reply.ts';
import { parseSummary } from '../sweep/result/parse-summary.ts';
import { parseRunFailure } from '../sweep/run/failed-run.ts';
import { parseListedHostKeys } from '../sweep/scan/list-host-keys.ts';
import { type PollOrder, printReply, sayKnownMethods } from './poll.ts';
import { printRun } from './print-run.ts';
import { printKnownHosts, printScan, printWithoutList, toScanJson } from './print-scan.ts';
import { print, printError, tableWidth } from './terminal.ts';

type Answer = Pick<FunctionAnswer, 'threw' | 'payload'>;

/** What the sweep function `name` said of one run. Answers the exit code, as all of these do. */
export function printSweepAnswer(
  name: string,
  answer: Answer,
  { json, verbose }: { json: boolean; verbose: boolean },
): number {
  if (answer.threw) return printFailedRun(name, answer, { json, verbose });
  const summary = parseSummary(parseJson(answer));
  if (summary === undefined) throw notUnderstood(name);
  printRun(summary, { json, verbose });
  return summary.exitCode;
}

/** A run that failed says why, and besides what became of it. */
function printFailedRun(
  name: string,
  answer: Answer,
  { json, verbose }: { json: boolean; verbose: boolean },
): number {
  const data = readThrown(name, answer);
  const { reason, summary } = parseRunFailure(data.errorMessage);
  if (summary !== undefined) printRun(summary, { json, verbose });
  return printThrown(name, { ...data, errorMessage: reason });
}

/** The reply of the poll function `name`: 1 when it did not succeed. */
export function printPollAnswer(name: string, answer: Answer, options: PollOrder): number {
  if (answer.threw) return printThrown(name, readThrown(name, answer));
  const reply = pollReply.safeParse(parseJson(answer));
  if (!reply.success) throw notUnderstood(name);
  const exitCode = printReply(reply.data, options);
  sayKnownMethods(options.method);
  return exitCode;
}

/** The hosts whose key is not known to the sweep function `name`: 3 unless all are known. */
export function printHostkeysAnswer(
  name: string,
  answer: Answer,
  options: { readonly json: boolean; readonly knownHosts: boolean; readonly verbose: boolean },
): number {
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

/** A stack with a task has no sweep function, and no stack of that name looks the same. */
export function withMissingFunction(name: string, error: unknown): unknown {
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

function readThrown(name: string, answer: Answer): z.output<typeof thrown> {
  const { data } = thrown.safeParse(parseJson(answer));
  if (data === undefined) throw notUnderstood(name);
  return data;
}

/** An event that asks for nothing there is was a wrong command line: 2, as it is here. */
function printThrown(name: string, data: z.output<typeof thrown>): number {
  printError(`vsweep: ${name}: ${data.errorType}: ${data.errorMessage}`);
  return data.errorType === 'EventError' ? 2 : 1;
}

function parseJson({ payload }: Answer): unknown {
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
