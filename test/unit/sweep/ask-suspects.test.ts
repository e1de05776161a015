import pLimit from 'p-limit';
import { describe, expect, it } from 'vitest';
import { planRunTimes } from '../../../lib/config/run-times.ts';
import { createRunLogins } from '../../../lib/logins/trial/run-logins.ts';
import { InvokeError } from '../../../lib/platform/invoke.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { startTimeline } from '../../../lib/platform/timeline.ts';
import type { AccountHistory } from '../../../lib/state/stores/account-history.ts';
import type { CredentialState } from '../../../lib/state/stores/credential-states.ts';
import {
  type BatchHost,
  type BatchRequest,
  type BatchResult,
  encodeBatchResult,
} from '../../../lib/sweep/batch.ts';
import { failed, ok } from '../../../lib/sweep/outcome.ts';
import type { SshPlan } from '../../../lib/sweep/plan/plan-hosts.ts';
import { type AskSuspectsDeps, askSuspects, suspectsOf } from '../../../lib/sweep/run/ask-suspects.ts';
import { createRunsUnderWay } from '../../../lib/sweep/run/runs-under-way.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { asking, batchHost, batchResult, history, sshPlan, T0 } from './builders.ts';

const o = { signal: new AbortController().signal };
const CREDENTIAL = { id: 'env:ESXI', version: 'v1', username: 'root', scope: 'host' } as const;
const MINUTE = 60_000;
const PROVEN: CredentialState = { id: 'env:ESXI', provenVersion: 'v1', acceptedBy: '10.0.0.99' };
const marked = (number: number, changes: Partial<AccountHistory> = {}) =>
  history({ address: `10.0.0.${number}`, dialling: { until: T0 - MINUTE }, ...changes });
const suspectHost = (number: number) => batchHost(number, { ssh: { skip: 'worker' } });

type Answer = (request: BatchRequest) => Partial<BatchResult> | Error;
const accepts: Answer = ({ hosts: [host] }) =>
  host === undefined
    ? new Error('the batch is empty')
    : { outcomes: [[host.moref, ok]], logins: [[host.moref, 'accepted']] };
const refuses: Answer = ({ hosts: [host] }) =>
  host === undefined
    ? new Error('the batch is empty')
    : {
        outcomes: [[host.moref, failed('auth')]],
        logins: [[host.moref, 'refused']],
        details: [[host.moref, 'the host refused the login']],
      };

/** Asks suspects of which `planned` stood in the table when the run began, and `now` stands there now. */
async function ask(world: {
  hosts?: readonly BatchHost[];
  planned?: readonly AccountHistory[];
  now?: readonly AccountHistory[] | Error;
  credential?: CredentialState;
  answer?: Answer;
  clock?: ReturnType<typeof createManualClock>;
  underWay?: ReturnType<typeof createRunsUnderWay>;
  signal?: AbortSignal;
  limits?: SshPlan['limits'];
  allowance?: number;
}) {
  const { clock = createManualClock(T0), answer = accepts, planned = [marked(1)] } = world;
  const requests: BatchRequest[] = [];
  const noted: unknown[] = [];
  let stored = { state: world.credential ?? PROVEN, revision: 1 };
  const accounts = world.now ?? planned;
  const deps: AskSuspectsDeps = {
    clock,
    random: () => 0.5,
    log: silentLog,
    batches: pLimit(4),
    underWay: world.underWay ?? createRunsUnderWay(),
    invoke: async (_name, payload) => {
      const request = asking(payload);
      requests.push(request);
      const answered = answer(request);
      if (answered instanceof Error) throw answered;
      return encodeBatchResult(batchResult(answered), { does: 'ask' });
    },
    accounts: {
      read: async (_user, address) => {
        if (accounts instanceof Error) throw accounts;
        return accounts.find((one) => one.address === address);
      },
    },
    credentialStates: {
      read: async () => stored,
      replace: async (state, seen) => {
        if (seen.revision !== stored.revision) return undefined;
        stored = { state, revision: stored.revision + 1 };
        return stored;
      },
      list: async () => [],
    },
    memory: { note: (...note) => void noted.push(note) },
  };
  const accountsSeen = new Map(planned.map((one) => [one.address, one]));
  const plan = sshPlan({ accounts: accountsSeen, ...(world.limits && { limits: world.limits }) });
  const hosts = world.hosts ?? [suspectHost(1)];
  const asked = await askSuspects(
    {
      runId: 'run-1',
      sweep: { name: 'services', everyMs: MINUTE, collectors: ['ssh-services'] } as never,
      times: planRunTimes({ start: T0, everyMs: MINUTE }),
      timeline: startTimeline(clock),
      logins: createRunLogins({ allowanceOf: () => world.allowance ?? 3 }),
    },
    suspectsOf(hosts, { target: 'vc01', plan, credential: CREDENTIAL }),
    deps,
    { signal: world.signal ?? o.signal },
  );
  return {
    asked,
    details: asked.map(({ detail }) => detail),
    requests,
    noted,
    credential: () => stored.state,
  };
}

describe('askSuspects', () => {
  it('asks a host alone, with care, and an attempt on record', async () => {
    const { asked, requests, noted } = await ask({
      now: [marked(1, { refusals: 1, refusedVersions: ['v0'] })],
    });
    expect(requests).toMatchObject([
      {
        care: 'alone',
        batch: 100_000,
        credential: CREDENTIAL,
        probes: ['services'],
        hosts: [{ moref: 'host-1', ssh: 'try', proven: false, account: { refusals: 1 } }],
      },
    ]);
    expect(asked).toEqual([
      {
        target: 'vc01',
        moref: 'host-1',
        detail: 'ssh: tried alone after the push: it answered, and is asked as usual from the next run on',
      },
    ]);
    expect(noted).toEqual([
      [
        expect.objectContaining({ batch: 100_000, care: 'alone' }),
        expect.objectContaining({ username: 'root', version: 'v1' }),
        { owed: false },
      ],
    ]);
  });

  it('asks nobody whose pause is not over, who is dialled by another process, or who is left out for another reason', async () => {
    const planned = [
      marked(1, { dialling: { until: T0 - 19 * MINUTE, alone: true } }),
      marked(2, { dialling: { until: T0 + 1 } }),
      marked(3),
      marked(4, { dialling: { until: T0 - 20 * MINUTE, alone: true } }),
    ];
    const hosts = [
      suspectHost(1),
      suspectHost(2),
      batchHost(3, { ssh: { skip: 'maintenance' } }),
      suspectHost(4),
    ];
    const { requests } = await ask({ hosts, planned });
    expect(requests.map((request) => request.hosts[0]?.moref)).toEqual(['host-4']);
  });

  it.each([
    ['answered another process', []],
    ['is dialled by another process', [marked(1, { dialling: { until: T0 + MINUTE, alone: true } })]],
    ['ended another process', [marked(1, { dialling: { until: T0, alone: true } })]],
    ['spent its budget', [marked(1, { refusals: 2, refusedVersions: ['v1', 'v1'] })]],
  ])('asks nobody who %s since the run began', async (_what, now) => {
    const { requests, details } = await ask({ now });
    expect(requests).toEqual([]);
    expect(details).toEqual(['ssh: not tried, because what is known of its account changed during the run']);
  });

  it('goes by the limit that this run read, also where the table did not keep it', async () => {
    const planned = [marked(1)];
    // Refused twice since, by two values.
    const now = [marked(1, { refusals: 2, refusedVersions: ['v-1', 'v0'], hostLimit: 5 })];
    expect((await ask({ planned, now })).requests).toHaveLength(1);
    const limits = new Map([['10.0.0.1', { hostLimit: 3 }]]);
    expect((await ask({ planned, now, limits })).requests).toEqual([]);
  });

  it('asks three hosts of a run, each with a batch number of its own, and says that the others wait', async () => {
    const numbers = [1, 2, 3, 4];
    const { requests, details } = await ask({
      hosts: numbers.map(suspectHost),
      planned: numbers.map((n) => marked(n)),
    });
    expect(requests.map(({ batch }) => batch)).toEqual([100_000, 100_001, 100_002]);
    expect(details[3]).toBe('ssh: not tried: a run tries at most 3 such hosts. A later run tries this one');
  });

  it('asks nobody while another run of the process is under way, and says that no time was left', async () => {
    const clock = createManualClock(T0);
    const underWay = createRunsUnderWay();
    const end = await underWay.begin(o);
    const asking = ask({ clock, underWay });
    await new Promise(setImmediate);
    // runEnd is 55 s after the start; a login needs 5 s.
    clock.advance(50_000);
    const { requests, details } = await asking;
    expect(requests).toEqual([]);
    expect(details).toEqual([
      'ssh: not tried, because this run and the other runs of this process left no time for it. The next run tries again',
    ]);
    end();
  });

  it('asks it when the other run ends in time, and lets a run that begins meanwhile wait', async () => {
    const underWay = createRunsUnderWay();
    const end = await underWay.begin(o);
    const events: string[] = [];
    let next: Promise<unknown> | undefined;
    const answer: Answer = (request) => {
      events.push('asked');
      next = underWay.begin(o).then(() => events.push('the next run begins'));
      return accepts(request);
    };
    const credentialOf = ask({ underWay, answer }).then(({ credential }) => {
      events.push('over');
      return credential();
    });
    await new Promise(setImmediate);
    expect(events).toEqual([]);
    end();
    expect(await credentialOf).toEqual(PROVEN);
    await next;
    expect(events[0]).toBe('asked');
    expect(events).toHaveLength(3);
  });

  it.each([
    [
      'after a lost worker',
      () => new InvokeError('it died', { code: 'function-error' }),
      'its worker ended again (it died)',
    ],
    ['after a refusal', refuses, 'failed(auth), the host refused the login'],
    ['when the worker says nothing of it', () => ({}), 'its worker reported nothing'],
  ] as const)('says what came of it %s', async (_when, answer, end) => {
    const { details } = await ask({ answer });
    expect(details).toEqual([`ssh: tried alone after the push: ${end}`]);
  });

  it('asks nobody with a suspended credential', async () => {
    const suspended = { version: 'v1', tries: 1, nextTryAt: T0 + MINUTE };
    const { requests, details } = await ask({ credential: { id: 'env:ESXI', suspended } });
    expect(requests).toEqual([]);
    expect(details).toEqual(['ssh: not tried: env:ESXI is not used at the moment']);
  });

  it('asks nobody when the refusals that a run may cost are used up, and says why', async () => {
    const { requests, details } = await ask({ allowance: 0, credential: { id: 'env:ESXI' } });
    expect(requests).toEqual([]);
    expect(details).toEqual(['ssh: not tried: allowance']);
  });

  it('lets one host try a credential that nobody accepted yet, and writes the verdict', async () => {
    const two = {
      hosts: [suspectHost(1), suspectHost(2)],
      planned: [marked(1), marked(2)],
      credential: { id: 'env:ESXI' },
    };
    const accepted = await ask(two);
    expect(accepted.requests).toHaveLength(2);
    expect(accepted.credential()).toEqual({ ...PROVEN, acceptedBy: '10.0.0.1' });
    const refused = await ask({ ...two, answer: refuses });
    expect(refused.credential().trial).toBeUndefined();
    expect(refused.credential().provenVersion).toBeUndefined();
    const lost = await ask({ ...two, answer: () => new InvokeError('it died', { code: 'function-error' }) });
    expect(lost.credential()).toEqual({ id: 'env:ESXI' });
  });

  it('suspends a credential that two hosts refuse which had accepted it before, and none for two others', async () => {
    const refusedBy = async (changes: Partial<AccountHistory>) => {
      const planned = [1, 2].map((number) => marked(number, changes));
      const { credential } = await ask({ hosts: [1, 2].map(suspectHost), planned, answer: refuses });
      return credential();
    };
    const { suspended } = await refusedBy({ provenVersion: 'v1' });
    expect(suspended).toMatchObject({ version: 'v1', tries: 1 });
    expect(await refusedBy({})).toEqual(PROVEN);
  });

  it('asks nobody when the account cannot be read, and says so', async () => {
    const { requests, details } = await ask({ now: new Error('the table is down') });
    expect(requests).toEqual([]);
    expect(details).toEqual(['ssh: not tried: the table is down']);
  });

  it('asks nobody of a run that is stopped', async () => {
    const { requests } = await ask({ signal: AbortSignal.abort() });
    expect(requests).toEqual([]);
  });
});
