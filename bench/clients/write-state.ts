import { strict as assert } from 'node:assert';
import { systemClock } from '../../lib/platform/clock.ts';
import { silentLog } from '../../lib/platform/log.ts';
import { openEmbeddedState } from '../../lib/state/sqlite/open.ts';
import { createState } from '../../lib/state/state.ts';
import { measure } from '../measured.ts';

/**
 * What a first run writes of 5,000 hosts that accept the credential: an attempt before each login, its success after
 * it, as many logins at once as a process makes. For a disk that takes 10 ms for each flush:
 * `strace -f -qq -o /dev/null -e trace=fdatasync -e inject=fdatasync:delay_exit=10000 node bench/clients/write-state.ts …`
 */
const HOSTS = 5_000;
const AT_ONCE = 64;
const order = JSON.parse(process.argv[2] ?? '{}') as { path: string };
const { signal } = new AbortController();

await using embedded = await openEmbeddedState({ path: order.path, log: silentLog }, { signal });
const { accounts } = createState({ table: embedded.table, clock: systemClock });

async function logInToAll(): Promise<void> {
  let next = 0;
  const logIn = async () => {
    for (let n = next++; n < HOSTS; n = next++) {
      const id = `attempt ${process.pid} ${n}`;
      const begun = await accounts.beginAttempt(
        'root',
        `esx${n}.example.org`,
        { id, version: 'v1', seen: undefined },
        { signal },
      );
      assert.ok(begun);
      const success = { version: 'v1', attempt: id, seen: { refusals: 0 } };
      await accounts.recordSuccess('root', `esx${n}.example.org`, success, { signal });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, logIn));
}

console.log(JSON.stringify(await measure(logInToAll)));
