import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { openEmbeddedState } from '../../../lib/state/sqlite/open.ts';
import { createState, type State } from '../../../lib/state/state.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';

/** A folder with a configuration whose state is in it, and what a command is told of it. */
export async function createConfigured(config: object) {
  await using making = new AsyncDisposableStack();
  const { path: folder } = making.use(await createTemporaryFolder('commands'));
  const path = join(folder, 'state');
  const file = join(folder, 'vsweep.yaml');
  await writeFile(file, stringify({ ...config, state: { path } }));
  const resources = making.move();
  return {
    text: { config: file, verbose: false, json: false },
    json: { config: file, verbose: false, json: true },
    /** Works on the state, as a run does, and closes it. */
    async withState<T>(work: (state: State) => Promise<T>): Promise<T> {
      await using opened = await openEmbeddedState({ path, log: silentLog }, new AbortController());
      return await work(createState({ table: opened.table, clock: systemClock }));
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
