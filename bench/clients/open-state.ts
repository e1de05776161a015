import { systemClock } from '../../lib/platform/clock.ts';
import { silentLog } from '../../lib/platform/log.ts';
import { openEmbeddedState } from '../../lib/state/sqlite/open.ts';
import { createState } from '../../lib/state/state.ts';
import { measure } from '../measured.ts';

/** What each command does first: opens the state, with all checks of its file, and reads one item. */
const order = JSON.parse(process.argv[2] ?? '{}') as { path: string };
const o = { signal: new AbortController().signal };

async function open(): Promise<void> {
  await using embedded = await openEmbeddedState({ path: order.path, log: silentLog }, o);
  await createState({ table: embedded.table, clock: systemClock }).runs.readLast('services', 'vc01', o);
}

console.log(JSON.stringify(await measure(open)));
