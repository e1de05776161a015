import { expect, it } from 'vitest';
import type { PollSession } from '../../../lib/poll/method.ts';
import { perfCountersOf } from '../../../lib/poll/perf-counters.ts';
import { AROUND_OBJECTS, cannedSession } from '../vsphere/canned-session.ts';

it('the counters of a vCenter are read once a session, and again in the next one', async () => {
  let calls = 0;
  const open = () =>
    cannedSession(() => {
      calls += 1;
      return [Buffer.from(AROUND_OBJECTS.join('<objects><obj type="T">t</obj></objects>'))];
    }) as Partial<PollSession> as PollSession;
  const { signal } = new AbortController();
  const session = open();
  const counters = await perfCountersOf(session, { signal });
  expect(await perfCountersOf(session, { signal })).toBe(counters);
  expect(calls).toBe(1);
  await perfCountersOf(open(), { signal });
  expect(calls).toBe(2);
});
