import type { LoadedConfig } from '../config/loaded-config.ts';
import { DEFAULT_LISTEN } from '../config/schema.ts';
import type { Environment } from '../config/variables/variables.ts';
import { type Admission, admissionOf } from '../page/admission.ts';
import { EMPTY_BOARD, withRun } from '../page/board.ts';
import { createPage, type Page } from '../page/page.ts';
import { NO_SURROUNDINGS, type Surroundings, toPageModel } from '../page/page-model.ts';
import { systemClock } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import type { ServiceStatus } from '../sinks/exporter/service-status.ts';
import type { State } from '../state/state.ts';
import { readLastList } from '../sweep/listing/list-target.ts';
import type { RunSummary } from '../sweep/result/summary.ts';
import { liftOf, listAccounts, printNext } from './blacklist.ts';
import { createCommandCredentials } from './command-credentials.ts';
import { toDisplay } from './terminal.ts';

/** The page of `vsweep run`, and what it is told. */
export interface RunPage extends Disposable, Pick<Page, 'answer'> {
  /** Shows one more run, and soon after it what the state says. Never throws: the page costs no sweep anything. */
  take(summary: RunSummary, opened: { state: State; signal: AbortSignal }): void;
}

/** A host seldom changes its cluster, and the list of a large target takes a moment to be read. */
const CLUSTERS_EVERY_MS = 5 * 60_000;

/** A token that cannot be read closes the page, and nothing else. */
export async function openRunPage(
  run: { loaded: LoadedConfig; env: Environment; status: () => ServiceStatus; log: Log },
  { signal }: { signal: AbortSignal },
): Promise<RunPage> {
  const { loaded, status, log } = run;
  const { listen = DEFAULT_LISTEN, token: source } = loaded.config.exporter ?? {};
  const admission = await toAdmission(listen.host, source, run, { signal });
  let board = EMPTY_BOARD;
  let surroundings = NO_SURROUNDINGS;
  let clustersReadAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;
  const page = createPage({
    admission,
    show: toDisplay,
    clock: systemClock,
    model: () => toPageModel(board, surroundings, { ...status(), targets: loaded.config.targets }),
  });

  async function readSurroundings(state: State, asked: { signal: AbortSignal }): Promise<Surroundings> {
    const now = systemClock.now();
    const isOld = now - clustersReadAt >= CLUSTERS_EVERY_MS;
    const [clusters, accounts, groups] = await Promise.all([
      isOld ? readClusters(loaded, state, asked) : surroundings.clusters,
      listAccounts({ state, loaded, ...asked }),
      state.groups.readAll(asked),
    ]);
    clustersReadAt = isOld ? now : clustersReadAt;
    return {
      clusters,
      groups,
      accounts: accounts
        .filter(({ next }) => next.opens !== 'run')
        .map(({ account, next, hosts }) => ({
          user: account.user,
          address: account.address,
          hosts,
          refusals: account.refusals,
          next: printNext(next),
          lift: liftOf(account),
        })),
    };
  }

  async function readAgain(state: State, asked: { signal: AbortSignal }): Promise<void> {
    try {
      surroundings = await readSurroundings(state, asked);
      page.changed();
    } catch (error) {
      if (!asked.signal.aborted)
        log.warn('the page shows the state of the run before', { error: messageOf(error) });
    } finally {
      reading = undefined;
    }
  }

  return {
    answer: page.answer,
    take(summary, { state, signal: asked }) {
      try {
        board = withRun(board, summary);
        page.changed();
      } catch (error) {
        log.error('the page lacks a run', { error: messageOf(error) });
      }
      // One at a time: with many sweeps a run ends often, and the next one reads what this one left.
      if (reading === undefined) reading = readAgain(state, { signal: asked });
    },
    [Symbol.dispose]: () => page[Symbol.dispose](),
  };
}

type TokenSource = NonNullable<NonNullable<LoadedConfig['config']['exporter']>['token']>;

async function toAdmission(
  host: string,
  source: TokenSource | undefined,
  run: { env: Environment; log: Log },
  { signal }: { signal: AbortSignal },
): Promise<Admission> {
  if (source === undefined) return admissionOf(host, undefined);
  try {
    return admissionOf(host, await readToken(source, run, { signal }));
  } catch (error) {
    signal.throwIfAborted();
    run.log.warn('the page is closed, because its token cannot be read', { error: messageOf(error) });
    return { of: 'nobody' };
  }
}

async function readToken(
  source: TokenSource,
  { env }: { env: Environment },
  { signal }: { signal: AbortSignal },
): Promise<string> {
  // A token has no version, so no key is needed to make one.
  const versionKey = async () => new Uint8Array();
  return await createCommandCredentials({ env, versionKey }).readToken(source, { signal });
}

async function readClusters(
  { config: { targets } }: LoadedConfig,
  { hostLists }: State,
  { signal }: { signal: AbortSignal },
): Promise<Surroundings['clusters']> {
  const lists = targets.map(async ({ name }) => {
    // A list that cannot be read costs its hosts their clusters alone.
    const list = await readLastList(name, { hostLists, clock: systemClock }, { signal }).catch(
      () => undefined,
    );
    const clusters = (list?.hosts ?? []).map(({ moref, facts }) => [moref, facts.cluster ?? ''] as const);
    return [name, new Map(clusters)] as const;
  });
  return new Map(await Promise.all(lists));
}
