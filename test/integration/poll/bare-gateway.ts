import { systemClock } from '../../../lib/platform/clock.ts';
import { createLineLog } from '../../../lib/platform/log.ts';
import { openGateway } from '../../../lib/poll/gateway/gateway.ts';

/** A gateway without a vCenter, in a process of its own: a `big` request has a reply of 1 MB. Prints where it listens. */
const polls = {
  async answer(message: unknown) {
    const isBig = JSON.stringify(message).includes('big');
    return { success: 0, msg: isBig ? 'x'.repeat(1024 * 1024) : 'done', result: [] } as const;
  },
};
const log = createLineLog({ write: (line) => process.stderr.write(`${line}\n`), level: 'info' });
const gateway = await openGateway(
  { listen: 'tcp://127.0.0.1:*', manage: [], timeoutMs: 10_000, allowShutdown: false },
  { polls, clock: systemClock, log },
  new AbortController(),
);
process.stdout.write(`${gateway.listen}\n`);
