import type { LoadedConfig } from '../config/loaded-config.ts';
import { DEFAULT_LISTEN } from '../config/schema.ts';
import type { Environment } from '../config/variables/variables.ts';
import { admissionOf } from '../page/admission.ts';
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

/** The page of `vsweep run`, and what it is told. */
export interface RunPage extends Disposable, Pick<Page, 'answer'> {
  /** Shows one more run, and what the state says after it. Never rejects: the page costs no sweep anything. */
  take(summary: RunSummary, opened: { state: State; signal: AbortSignal }): Promise<void>;
}

/** A host seldom changes its cluster, and the list of a large target takes a moment to be read. */
const CLUSTERS_EVERY_MS = 5 * 60_000;

/** Rejects with CredentialError when the token of the configuration cannot be read. */
export async function openRunPage(
  run: { loaded: LoadedConfig; env: Environment; status: () => ServiceStatus; log: Log },
  { signal }: { signal: AbortSignal },
): Promise<RunPage> {
  const { loaded, status, log } = run;
  const { listen = DEFAULT_LISTEN, token: source } = loaded.config.exporter ?? {};
  const token = source && (await readToken(source, run, { signal }));
  let board = EMPTY_BOARD;
  let surroundings = NO_SURROUNDINGS;
  let clustersReadAt = Number.NEGATIVE_INFINITY;
  const page = createPage({
    admission: admissionOf(listen.host, token),
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

  return {
    answer: page.answer,
    async take(summary, { state, signal: asked }) {
      board = withRun(board, summary);
      try {
        surroundings = await readSurroundings(state, { signal: asked });
      } catch (error) {
        if (!asked.aborted)
          log.warn('the page shows the state of the run before', { error: messageOf(error) });
      }
      page.changed();
    },
    [Symbol.dispose]: () => page[Symbol.dispose](),
  };
}

async function readToken(
  source: NonNullable<NonNullable<LoadedConfig['config']['exporter']>['token']>,
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
    const list = await readLastList(name, { hostLists, clock: systemClock }, { signal });
    const clusters = (list?.hosts ?? []).map(({ moref, facts }) => [moref, facts.cluster ?? ''] as const);
    return [name, new Map(clusters)] as const;
  });
  return Object.fromEntries(await Promise.all(lists));
}
