import { functionNameOf } from '../config/deployed-names.ts';
import { systemClock } from '../platform/clock.ts';
import { startDeadline } from '../platform/deadline.ts';
import { InvokeError } from '../platform/invoke.ts';
import { callFunction, createLambdaClient, type FunctionAnswer } from '../platform/lambda-invoke.ts';
import { untilReady } from '../platform/until-ready.ts';
import { POLL_CLIENT_CONTEXT } from '../poll/lambda-polls.ts';
import { requireAwsAccess } from './aws-access.ts';
import { withGuestPassword } from './guest-password.ts';
import {
  printHostkeysAnswer,
  printPollAnswer,
  printSweepAnswer,
  withMissingFunction,
} from './invoke-answers.ts';
import { type PollOrder, toRequest } from './poll.ts';
import { abortOnSignals, printError } from './terminal.ts';

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
  return printSweepAnswer(name, answer, { json, verbose });
}

/** `vsweep invoke poll`: one request, from AWS, and its reply. Answers 1 when it did not succeed. */
export async function invokePollCommand(given: PollOrder & { readonly stack: string }): Promise<number> {
  const options = await withGuestPassword(given);
  const name = functionNameOf(options.stack, 'poll');
  return printPollAnswer(name, await call(name, toRequest(options), POLL_CLIENT_CONTEXT), options);
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
  return printHostkeysAnswer(name, answer, options);
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
