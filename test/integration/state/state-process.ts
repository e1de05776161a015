/**
 * A process that opens the state folder of its first argument and does what its standard input says: a line
 * `[id, call, ...arguments]` is answered by `[id, answer]` or `[id, undefined, code]`. It ends with its standard input.
 */
import { createInterface } from 'node:readline';
import { systemClock } from '../../../lib/platform/clock.ts';
import { createLineLog } from '../../../lib/platform/log.ts';
import { StateError } from '../../../lib/state/errors.ts';
import { openEmbeddedState } from '../../../lib/state/sqlite/open.ts';
import { createState } from '../../../lib/state/state.ts';

const [path = ''] = process.argv.slice(2);
const o = { signal: new AbortController().signal };
const log = createLineLog({ write: (line) => process.stderr.write(`${line}\n`), level: 'warn' });
const embedded = await openEmbeddedState({ path, log }, o);
const state = createState({ ...embedded, clock: systemClock });
const endsAt = Date.UTC(2100, 0, 1);

const calls: Record<string, (...args: string[]) => Promise<unknown>> = {
  open: () => Promise.resolve('opened'),
  refuse: (user = '', address = '') => state.accounts.recordRefusal(user, address, { version: 'v1' }, o),
  pin: (endpoint = '', blob = '') =>
    state.hostKeys.pin(endpoint, { key: { type: 'ssh-rsa', blob }, target: 'vc01' }, o),
  lease: (target = '', holder = '') => state.runs.acquireLease('services', target, { holder, endsAt }, o),
  close: async () => await embedded[Symbol.asyncDispose](),
};

createInterface({ input: process.stdin }).on('line', async (line) => {
  const [id, call, ...args] = JSON.parse(line) as [number, string, ...string[]];
  let answer: unknown[];
  try {
    answer = [id, await calls[call]?.(...args)];
  } catch (error) {
    answer = [id, undefined, error instanceof StateError ? error.code : String(error)];
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
});
