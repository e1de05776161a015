import { RunFailedError } from '../errors.ts';
import { parseSummary } from '../result/parse-summary.ts';
import type { RunSummary } from '../result/summary.ts';
import { failureOf, toBriefSummary } from './schedule-event.ts';

/**
 * Of the message in JSON. A queue takes 256 KB for the record with which Lambda tells of a failed invocation, and the
 * record repeats the event and has a stack trace
 * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html).
 */
const MAX_BYTES = 150_000;

/** Of a target in an error, the most first. */
const HOSTS = [50, 20, 5, 0];

/**
 * What the function throws for a run that is worth an alarm; undefined for any other. Lambda hands over nothing of an
 * error but its name and its message, so the message is the reason, and on a line of its own the summary in JSON, with
 * as many hosts as fit.
 */
export function toRunFailure(summary: RunSummary): RunFailedError | undefined {
  const failure = failureOf(summary)?.replaceAll('\n', ' ');
  if (failure === undefined) return undefined;
  const messages = HOSTS.map((hosts) => `${failure}\n${JSON.stringify(toBriefSummary(summary, hosts))}`);
  const fits = (message: string) => Buffer.byteLength(JSON.stringify(message)) <= MAX_BYTES;
  return new RunFailedError(failure, messages.find(fits) ?? failure);
}

/** The two parts of such a message; one without a summary is its reason alone. */
export function parseRunFailure(message: string): { reason: string; summary: RunSummary | undefined } {
  const [reason = '', json = ''] = message.split('\n', 2);
  const summary = parseSummary(parseJson(json));
  return { reason: summary === undefined ? message : reason, summary };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
