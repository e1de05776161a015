import type { TargetConfig } from '../config/schema.ts';
import { sayNoTarget } from '../config/unknown-names.ts';
import { systemClock } from '../platform/clock.ts';
import { startDeadline } from '../platform/deadline.ts';
import { nearestName } from '../platform/nearest-name.ts';
import { withoutFormulas } from '../poll/format/csv-formulas.ts';
import { printReply as formatReply } from '../poll/format/print-reply.ts';
import { OLD_METHOD_NAMES, POLL_METHODS } from '../poll/registry.ts';
import { type JsonValue, type PollAnswer, type PollReply, toResultList } from '../poll/reply.ts';
import { openContainer } from './container.ts';
import { formatTable } from './format-table.ts';
import { withGuestPassword } from './guest-password.ts';
import { openLambdaPolls } from './lambda-polls.ts';
import { loadConfig } from './load-config.ts';
import { abortOnSignals, logTo, print, printError, printVerbatim, tableWidth } from './terminal.ts';

/** What is asked, and how the reply is printed. */
export interface PollOrder {
  readonly method: string;
  readonly vsphereHost: string;
  readonly name?: string;
  readonly datastoreUrl?: string;
  readonly properties?: string;
  readonly key?: string;
  readonly counter?: string;
  readonly maxSample?: string;
  readonly instance?: string;
  readonly perfInterval?: string;
  readonly guestUsername?: string;
  readonly guestPassword?: string;
  readonly guestPasswordFile?: string;
  readonly helper?: string;
  /** CSV for a spreadsheet: no cell is a formula. */
  readonly escapeFormulas?: boolean;
  readonly output?: 'json' | 'table' | 'csv' | 'zabbix';
  readonly json: boolean;
  readonly verbose: boolean;
}

export interface PollCommandOptions extends PollOrder {
  readonly config: string;
  /** Milliseconds. */
  readonly timeout: number;
  readonly lambda?: string;
}

/** `vsweep poll`: one request, and its reply. Answers 1 when it did not succeed. */
export async function pollCommand(given: PollCommandOptions): Promise<number> {
  const options = await withGuestPassword(given);
  using signals = abortOnSignals();
  using deadline = startDeadline({
    clock: systemClock,
    ms: options.timeout,
    what: 'the poll',
    signal: signals.signal,
  });
  const request = toRequest(options);
  const log = logTo(options.verbose ? 'debug' : 'error');
  if (options.lambda !== undefined) {
    await using opened = openLambdaPolls(options.lambda, log);
    return printReply(await opened.polls.answer(request, deadline), options);
  }
  const loaded = await loadConfig(options.config, process.env);
  await using container = await openContainer(
    { loaded, env: process.env, clock: systemClock, log, push: false, besideStack: 'sessions' },
    signals,
  );
  await using polls = container.openPolls('invocation');
  const exitCode = printReply(await polls.answer(request, deadline), options);
  sayKnownTargets(options.vsphereHost, loaded.config.targets);
  sayKnownMethods(options.method);
  return exitCode;
}

/** vPoller's reply says only that there is no such agent. */
function sayKnownTargets(
  asked: string,
  targets: readonly Pick<TargetConfig, 'name' | 'aliases' | 'url'>[],
): void {
  const isKnown = targets.some(({ name, aliases }) => name === asked || aliases.includes(asked));
  if (!isKnown) printError(sayNoTarget(asked, targets));
}

/** Nor which methods there are. */
export function sayKnownMethods(name: string): void {
  const names = POLL_METHODS.map((method) => method.name);
  if (names.includes(name) || OLD_METHOD_NAMES.has(name)) return;
  const nearest = nearestName(name, names);
  const meant = nearest === undefined ? '' : `did you mean ${nearest}? `;
  printError(`there is no method "${name}"; ${meant}Known methods: ${names.join(', ')}`);
}

/** Answers the exit code. A helper prints as it does for vpoller-client, failures included. */
export function printReply(reply: PollReply, options: PollOrder): number {
  const { output = options.json ? 'json' : 'table' } = options;
  const asCsv = options.escapeFormulas === true ? withoutFormulas(reply) : reply;
  const helper = options.helper ?? (output === 'csv' || output === 'zabbix' ? output : undefined);
  if (helper !== undefined) printVerbatim(formatReply(asCsv, { ...toRequest(options), helper }));
  else if (output === 'json') printVerbatim(JSON.stringify(reply));
  else if (reply.success === 0) print(printResult(reply.result, options));
  else printError(reply.traceback === undefined ? reply.msg : `${reply.msg}: ${reply.traceback}`);
  return reply.success;
}

/** The request as `vpoller-client` sends it. */
export function toRequest(order: PollOrder) {
  return {
    method: order.method,
    hostname: order.vsphereHost,
    name: order.name ?? order.datastoreUrl ?? null,
    username: order.guestUsername ?? null,
    password: order.guestPassword ?? null,
    key: order.key ?? null,
    properties: order.properties?.split(',') ?? null,
    'counter-name': order.counter ?? null,
    instance: order.instance ?? null,
    'max-sample': order.maxSample ?? null,
    'perf-interval': order.perfInterval ?? null,
    helper: order.helper ?? null,
  };
}

/** A line an object, a column a property, also one that was asked for and no object has. */
function printResult(answer: PollAnswer, options: PollOrder): string {
  const result = toResultList(answer);
  const width = tableWidth(options);
  const columns = [...new Set([...result.flatMap((object) => Object.keys(object)), ...askedOf(options)])];
  if (result.length === 0 || columns.length === 0) return 'nothing found';
  return formatTable(
    columns,
    result.map((object) => columns.map((column) => printCell(object[column]))),
    { width },
  );
}

/** Of a method that reads properties; others take no notice of them. */
function askedOf({ method, properties }: PollOrder): readonly string[] {
  const name = OLD_METHOD_NAMES.get(method) ?? method;
  const known = POLL_METHODS.find((one) => one.name === name);
  return known?.propertiesOf === undefined
    ? []
    : (properties?.split(',').filter((path) => path !== '') ?? []);
}

function printCell(value: JsonValue | undefined): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.replace(/\s+/g, ' ');
}
