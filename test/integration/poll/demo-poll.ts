import { randomUUID } from 'node:crypto';
import { KNOWN_COLLECTORS } from '../../../lib/collectors/known-collectors.ts';
import { checkConfig } from '../../../lib/config/check-config.ts';
import { NO_KNOWN_HOSTS } from '../../../lib/config/known-hosts/find-keys.ts';
import type { Credential } from '../../../lib/credentials/credential.ts';
import {
  type DemoVcenter,
  type DemoVcenterOptions,
  startDemoVcenter,
} from '../../../lib/demo/vcenter/demo-vcenter.ts';
import { createAccountMemory } from '../../../lib/logins/history/account-memory.ts';
import { createLoginQueue } from '../../../lib/logins/trial/guarded-login.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { createLineLog, silentLog } from '../../../lib/platform/log.ts';
import type { AnswerPollDeps } from '../../../lib/poll/answer-poll.ts';
import { wirePoll } from '../../../lib/poll/wire-poll.ts';
import { openEmbeddedState } from '../../../lib/state/sqlite/open.ts';
import { createState, type State } from '../../../lib/state/state.ts';
import { type TableFault, toFaultyTable } from '../../support/faulty-table.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';

const PASSWORD = 'marked-vcenter-password';

/** A vCenter by the name `vc01`, and everything that polls of it need. */
export interface DemoPoll extends AsyncDisposable {
  readonly vcenter: DemoVcenter;
  readonly deps: AnswerPollDeps;
  /** Of this vCenter alone. */
  readonly user: string;
  /** What was logged, line by line. */
  readonly log: readonly string[];
}

export interface DemoPollOptions
  extends Pick<DemoVcenterOptions, 'hosts' | 'estate' | 'statistics' | 'clock'> {
  readonly password?: string;
  readonly isSessionAdmin?: boolean;
}

export type StartDemoPoll = (options: DemoPollOptions) => Promise<DemoPoll>;

/** The state that all of a file's tests share, each with a user of its own. */
export interface SharedState extends AsyncDisposable {
  readonly accounts: State['accounts'];
  /** What the table does with the calls of polls. */
  readonly table: TableFault;
  /** Each is a process by itself, with its own memory of accounts. */
  readonly start: StartDemoPoll;
}

export async function openSharedState(): Promise<SharedState> {
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(await createTemporaryFolder('poll'));
  const options = { path: `${folder.path}/state`, clock: systemClock, log: silentLog };
  const embedded = opening.use(await openEmbeddedState(options, new AbortController()));
  const table: TableFault = { answer: undefined };
  const state = createState({ table: toFaultyTable(embedded.table, table), clock: systemClock });
  let started = 0;
  const resources = opening.move();
  return {
    accounts: createState({ table: embedded.table, clock: systemClock }).accounts,
    table,
    start: (choice) => {
      started += 1;
      return startDemoPoll(state, { user: `sweeper-${started}`, password: PASSWORD, ...choice });
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

async function startDemoPoll(
  state: State,
  { user, password, isSessionAdmin, ...options }: DemoPollOptions & { user: string; password: string },
): Promise<DemoPoll> {
  const sessionAdmins = isSessionAdmin === true ? [user] : [];
  const vcenter = await startDemoVcenter({ ...options, users: { [user]: PASSWORD }, sessionAdmins });
  const log: string[] = [];
  const { accounts } = createAccountMemory(state.accounts, { now: () => systemClock.now() });
  const proof = { kind: 'password', password } as const;
  const credential: Credential = { id: 'env:VC', version: 'v1', username: user, proof };
  const deps = wirePoll(
    {
      loaded: { config: toConfig(vcenter), certificates: new Map(), knownHosts: NO_KNOWN_HOSTS },
      credentials: { read: async () => credential },
      clock: systemClock,
      log: createLineLog({ write: (line) => log.push(line), level: 'debug' }),
      random: () => 0,
      randomId: randomUUID,
      userAgent: 'vsweep/test',
    },
    { logins: createLoginQueue(), accounts },
  );
  return { vcenter, deps, user, log, [Symbol.asyncDispose]: () => vcenter[Symbol.asyncDispose]() };
}

const toConfig = ({ url, sha256 }: DemoVcenter) =>
  checkConfig(
    {
      targets: [
        { name: 'vc01', aliases: ['vc-old'], url, credentials: { env: 'VC' }, tls: { sha256: [sha256] } },
      ],
      sweeps: [{ name: 'services', every: '1m', collectors: ['overall-status'] }],
    },
    { file: 'vsweep.yaml', collectors: KNOWN_COLLECTORS },
  );
