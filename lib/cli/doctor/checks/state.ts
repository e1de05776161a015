import { access, constants, statfs } from 'node:fs/promises';
import { stackOf } from '../../../config/deployed-names.ts';
import type { LoadedConfig } from '../../../config/loaded-config.ts';
import { messageOf } from '../../../platform/errors.ts';
import { toShellWord } from '../../../platform/quote.ts';
import { StateError } from '../../../state/errors.ts';
import { fileIn } from '../../../state/sqlite/database.ts';
import { isSound } from '../../../state/sqlite/inspect.ts';
import { inspectFile } from '../../../state/sqlite/repair.ts';
import { type Container, openContainer } from '../../container.ts';
import { statePathOf } from '../../open-state.ts';
import type { Check } from '../engine/check.ts';
import type { Surroundings } from '../engine/surroundings.ts';
import { judgeDisk } from '../verdicts/disk.ts';
import { green, red, type Verdict, yellow } from '../verdicts/verdict.ts';

/** It loads packages of the SDK, which takes a busy machine seconds. */
const LOADING_MS = 60_000;

export interface StateChecks extends AsyncDisposable {
  readonly checks: readonly Check[];
  /** Passes when the state can be read and written: what logs in, or writes to sinks, is behind it. */
  readonly opened: Check;
  /** Throws before `opened` passed. */
  container(): Container;
}

/**
 * The state folder, its file and its disk. Everything that is wired on it is opened here, once: sinks get nothing of a run
 * that a check makes, and no run is remembered.
 */
export function stateChecks(surroundings: Surroundings, options: { signal: AbortSignal }): StateChecks {
  return surroundings.loaded.config.aws === undefined
    ? ofMachine(surroundings, options)
    : ofStack(surroundings);
}

/** The table in which the functions count refused logins. Where it cannot be opened, no login is made. */
function ofStack(surroundings: Surroundings): StateChecks {
  const resources = new AsyncDisposableStack();
  let container: Container | undefined;
  const opened: Check = {
    name: 'state',
    subject: `table of ${stackOf(surroundings.loaded.config)}`,
    ms: LOADING_MS,
    passed: () => container !== undefined,
    async run({ signal }) {
      const opening = await openContainer(
        { ...surroundings, push: false, dryRun: true, besideStack: 'sessions' },
        { signal },
      ).catch((error: unknown) => {
        if (!(error instanceof StateError)) throw error;
        return yellow(messageOf(error));
      });
      if ('colour' in opening) return opening;
      container = resources.use(opening);
      return green(`${opening.table} can be read: logins are counted in it, as those of the functions are`);
    },
  };
  return {
    checks: [opened],
    opened,
    container: () => requireOpen(container),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

const requireOpen = (container: Container | undefined): Container => {
  if (container === undefined) throw new Error('the state is not open');
  return container;
};

function ofMachine(surroundings: Surroundings, options: { signal: AbortSignal }): StateChecks {
  const { loaded, env, words } = surroundings;
  const folder = statePathOf(loaded, env);
  const resources = new AsyncDisposableStack();
  let container: Container | undefined;
  const opened: Check = {
    name: 'state',
    subject: folder,
    async run() {
      // With the signal of the command: it is in use until that ends.
      const opening = await openContainer(
        { ...surroundings, loaded: refusingUnknownKeys(loaded), push: false, dryRun: true },
        options,
      ).catch((error: unknown) => explain(error, folder, words('state', 'repair')));
      if ('colour' in opening) return opening;
      container = resources.use(opening);
      await access(fileIn(folder), constants.R_OK | constants.W_OK);
      return green('is open for reading and writing, and its file has the layout of this version');
    },
  };
  const sound: Check = {
    name: 'state file',
    subject: folder,
    after: [opened],
    async run() {
      if (isSound(inspectFile(folder))) return green('is whole');
      return red('the file is damaged', words('state', 'repair'));
    },
  };
  const disk: Check = {
    name: 'disk',
    subject: folder,
    after: [opened],
    async run() {
      const { bavail, bsize, files, ffree } = await statfs(folder);
      return judgeDisk({ freeBytes: bavail * bsize, freeInodes: files === 0 ? undefined : ffree, folder });
    },
  };
  return {
    checks: [opened, sound, disk],
    opened,
    container: () => requireOpen(container),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** A check is no reason to send a password to a host whose key nobody accepted, nor to pin that key. */
function refusingUnknownKeys(loaded: LoadedConfig): LoadedConfig {
  const { config } = loaded;
  const { esxi } = config;
  if (esxi === undefined) return loaded;
  const hostKeys = { ...esxi.hostKeys, unknown: 'refuse' as const };
  return { ...loaded, config: { ...config, esxi: { ...esxi, hostKeys } } };
}

/** The message says what to do; where that is one command, it is this. */
function explain(error: unknown, folder: string, repair: string): Verdict {
  if (!(error instanceof StateError)) throw error;
  const reason = messageOf(error);
  switch (error.code) {
    case 'insecure':
      return red(reason, /Run: (.*)$/.exec(reason)?.[1] ?? `chmod 700 ${toShellWord(folder)}`);
    case 'damaged':
      return red(reason, repair);
    default:
      return red(reason);
  }
}
