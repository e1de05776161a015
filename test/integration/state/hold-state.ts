/** A process that opens the state folder of its first argument, writes a refusal, says so, and waits to be killed. */
import { systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { openEmbeddedState } from '../../../lib/state/embedded.ts';
import { createState } from '../../../lib/state/state.ts';

const [path = ''] = process.argv.slice(2);
const { signal } = new AbortController();
const embedded = await openEmbeddedState({ path, clock: systemClock, log: silentLog }, { signal });
const state = createState({ ...embedded, clock: systemClock });
await state.accounts.recordRefusal('root', 'esx01.example.org', { version: 'v1' }, { signal });
process.stdout.write('holding\n');
