import { systemClock } from '../platform/clock.ts';
import { startDeadline } from '../platform/deadline.ts';
import { type JsonValue, type PollAnswer, type PollReply, toResultList } from '../poll/reply.ts';
import { openContainer } from './container.ts';
import { formatTable } from './format-table.ts';
import { loadConfig } from './load-config.ts';
import { abortOnSignals, logTo, print, printError, tableWidth } from './terminal.ts';

/** What is asked, and how the reply is printed. */
export interface PollOrder {
  readonly method: string;
  readonly vsphereHost: string;
  readonly name?: string;
  readonly properties?: string;
  readonly json: boolean;
  readonly verbose: boolean;
}

export interface PollCommandOptions extends PollOrder {
  readonly config: string;
}

const POLL_MS = 30_000;

/** `vsweep poll`: one request, and its reply. Answers 1 when it did not succeed. */
export async function pollCommand(options: PollCommandOptions): Promise<number> {
  const loaded = await loadConfig(options.config, process.env);
  using signals = abortOnSignals();
  await using container = await openContainer(
    {
      loaded,
      env: process.env,
      clock: systemClock,
      log: logTo(options.verbose ? 'debug' : 'error'),
      push: false,
    },
    signals,
  );
  using deadline = startDeadline({
    clock: systemClock,
    endsAt: systemClock.now() + POLL_MS,
    what: 'the poll',
    signal: signals.signal,
  });
  await using polls = container.openPolls('invocation');
  return printReply(await polls.answer(toRequest(options), deadline), options);
}

/** Answers the exit code. */
export function printReply(reply: PollReply, options: Pick<PollOrder, 'json' | 'verbose'>): number {
  if (options.json) print(JSON.stringify(reply));
  else if (reply.success === 0) print(printResult(reply.result, tableWidth(options)));
  else printError(reply.traceback === undefined ? reply.msg : `${reply.msg}: ${reply.traceback}`);
  return reply.success;
}

/** The request as `vpoller-client` sends it. */
export function toRequest({ method, vsphereHost, name, properties }: PollOrder) {
  return {
    method,
    hostname: vsphereHost,
    name: name ?? null,
    properties: properties?.split(',') ?? null,
  };
}

/** A line an object, a column a property; what an object does not have stays empty. */
function printResult(answer: PollAnswer, width: number): string {
  const result = toResultList(answer);
  const columns = [...new Set(result.flatMap((object) => Object.keys(object)))];
  if (columns.length === 0) return 'nothing was found';
  return formatTable(
    columns,
    result.map((object) => columns.map((column) => printCell(object[column]))),
    { width },
  );
}

function printCell(value: JsonValue | undefined): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.replace(/\s+/g, ' ');
}
