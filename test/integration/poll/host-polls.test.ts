import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PollReply } from '../../../lib/poll/reply.ts';
import { SSH_TURN } from '../../../lib/sweep/run/kept-turn.ts';
import { type SmallFleet, type SmallFleetOptions, startSmallFleet } from '../sweep/small-fleet.ts';

const running = { signal: new AbortController().signal };
/** Sends one request and answers its reply. */
type Ask = (request: object) => Promise<PollReply>;

/** Two hosts with services, and a process that answers polls as the gateway does. */
async function withPolls(
  options: Partial<SmallFleetOptions>,
  work: (fleet: SmallFleet, ask: Ask) => Promise<void>,
): Promise<void> {
  await using fleet = await startSmallFleet({
    hosts: [{}, {}],
    collectors: 'ssh-services',
    ...options,
  });
  await using container = await fleet.open();
  await using polls = container.openPolls('process');
  await work(fleet, (request) =>
    polls.answer({ method: 'metric.get', hostname: 'vc1', ...request }, running),
  );
}

const STATE = { properties: ['esxi_service_state'] };
const loginsAt = ({ esxi, addressOf }: SmallFleet, number: number) => esxi.loginAttempts(addressOf(number));
const failureOf = (reply: PollReply) => (reply.success === 1 ? reply.msg : JSON.stringify(reply.result));

describe('metric.get of a metric by ssh', () => {
  it('logs in to that host once for all its metrics, and answers a row a series', async () => {
    await withPolls({}, async (fleet, ask) => {
      const properties = ['esxi_service_state', 'esxi_critical_service_status'];
      expect(await ask({ name: 'esx1', properties })).toEqual({
        success: 0,
        msg: 'Successfully retrieved metrics',
        result: [
          { service: 'hostd', state: 'running', name: 'esx1', esxi_service_state: 1 },
          { service: 'vpxa', state: 'stopped', name: 'esx1', esxi_service_state: 1 },
          { service: 'hostd', name: 'esx1', esxi_critical_service_status: 1 },
          { service: 'vpxa', name: 'esx1', esxi_critical_service_status: 0 },
        ],
      });
      expect(loginsAt(fleet, 1)).toEqual({ accepted: 1, refused: 0 });
      expect(loginsAt(fleet, 2)).toEqual({ accepted: 0, refused: 0 });
    });
  }, 60_000);

  it('leaves no trace in what its sweep remembers, and its lease is free again', async () => {
    await withPolls({}, async (fleet, ask) => {
      await fleet.sweep();
      await using container = await fleet.open();
      const { runs } = container.state;
      const before = await runs.readLast('services', 'vc1', running);
      expect((await ask({ name: 'esx1', ...STATE })).success).toBe(0);
      // But for the keys that it may have pinned, which the next run tells of.
      expect(await runs.readLast('services', 'vc1', running)).toEqual({
        ...before,
        untoldPins: expect.objectContaining({ counted: 0 }),
      });
      expect(await runs.readLease('services', 'vc1', running)).toBeUndefined();
    });
  }, 60_000);

  it('has no more than two refused logins on a host, however often it is asked, and says how to go on', async () => {
    await withPolls({ hosts: [{ behaviour: 'refuses-login' }] }, async (fleet, ask) => {
      const replies: string[] = [];
      for (let again = 0; again < 4; again += 1)
        replies.push(failureOf(await ask({ name: 'esx1', ...STATE })));
      expect(loginsAt(fleet, 1).refused).toBeLessThanOrEqual(2);
      expect(replies[0]).toContain('failed(auth)');
      expect(replies.at(-1)).toMatch(/skipped\((blacklist|suspended)\).*vsweep (blacklist|credential) lift/s);
    });
  }, 120_000);

  it('logs in to nobody while a run of its sweep is under way', async () => {
    await withPolls({}, async (fleet, ask) => {
      await using container = await fleet.open();
      const { runs } = container.state;
      const endsAt = fleet.clock.now() + 4 * 60_000;
      await runs.acquireLease('services', 'vc1', { holder: 'run-1', endsAt }, running);
      expect(failureOf(await ask({ name: 'esx1', ...STATE }))).toContain('the sweep services is under way');
      expect(loginsAt(fleet, 1)).toEqual({ accepted: 0, refused: 0 });
    });
  }, 60_000);

  it('is refused where the sweep runs so often that a run would have to wait for it', async () => {
    await withPolls({ every: '30s' }, async (fleet, ask) => {
      expect(failureOf(await ask({ name: 'esx1', ...STATE }))).toContain(
        'the sweep services runs every 30 s, which leaves no time for a login between its runs',
      );
      expect(loginsAt(fleet, 1)).toEqual({ accepted: 0, refused: 0 });
    });
  }, 60_000);

  it.each([
    [
      'of no sweep',
      ['esxi_bootbank_lost'],
      'esxi_bootbank_lost: read from hosts by ssh, and no sweep collects it on vc1; name its collector ("vsweep metrics list" has it) in a sweep of this target',
    ],
    ['that nobody knows', ['esxi_bootbank_los'], 'did you mean esxi_bootbank_lost?'],
  ])(
    'refuses a metric %s, with what to do',
    async (_what, properties, message) => {
      await withPolls({}, async (fleet, ask) => {
        expect(failureOf(await ask({ name: 'esx1', properties }))).toContain(message);
        expect(loginsAt(fleet, 1)).toEqual({ accepted: 0, refused: 0 });
      });
    },
    60_000,
  );
});

describe('a poll beside a host at which a worker ended', () => {
  it('logs in to the host that it is for, and to no other', async () => {
    await withPolls({ collectors: 'overall-status, ssh-services' }, async (fleet, ask) => {
      await fleet.warmUp();
      await using container = await fleet.open();
      const { accounts } = container.state;
      const mark = { until: fleet.clock.now() - 60_000 };
      await accounts.beginDial('vsweep', fleet.addressOf(2), mark, running);
      const before = loginsAt(fleet, 2);
      expect((await ask({ name: 'esx1', ...STATE })).success).toBe(0);
      expect(loginsAt(fleet, 2)).toEqual(before);
      // Which a run then asks alone.
      await fleet.sweep();
      expect(loginsAt(fleet, 2).accepted).toBe(before.accepted + 1);
    });
  }, 60_000);
});

describe('a metric that only a sweep of another target has', () => {
  it('has no host of this target logged in to: nobody would know of that login', async () => {
    const targets = { vc1: [1], vc2: [2] };
    await withPolls({ targets, collectors: 'overall-status' }, async (fleet) => {
      const file = join(fleet.folder, 'vsweep.yaml');
      const of1 = '  - { name: checks, every: 5m, collectors: [ssh-services], targets: [vc1] }\n';
      await writeFile(file, (await readFile(file, 'utf8')).replace('sweeps:\n', `sweeps:\n${of1}`));
      await using container = await fleet.open();
      await using polls = container.openPolls('process');
      const ask = (hostname: string, name: string) =>
        polls.answer({ method: 'metric.get', hostname, name, ...STATE }, running);
      expect(failureOf(await ask('vc2', 'esx2'))).toContain('no sweep collects it on vc2');
      expect(loginsAt(fleet, 2)).toEqual({ accepted: 0, refused: 0 });
      expect((await ask('vc1', 'esx1')).success).toBe(0);
    });
  }, 60_000);
});

describe('two processes that answer polls of one host', () => {
  it('never have it logged in to by both at once: the second is told to ask again', async () => {
    await using fleet = await startSmallFleet({
      hosts: [{ commandDelayMs: 500 }],
      collectors: 'ssh-services',
    });
    await using one = await fleet.open();
    await using other = await fleet.open();
    await using polls = one.openPolls('process');
    await using others = other.openPolls('process');
    const request = { method: 'metric.get', hostname: 'vc1', name: 'esx1', ...STATE };
    let most = 0;
    const watching = setInterval(() => {
      most = Math.max(most, fleet.esxi.connections());
    }, 5);
    const replies = await Promise.all([
      polls.answer(request, running),
      others.answer(request, running),
    ]).finally(() => clearInterval(watching));
    expect(replies.some(({ success }) => success === 0)).toBe(true);
    expect(most).toBeLessThanOrEqual(1);
    for (const reply of replies) if (reply.success === 1) expect(reply.msg).toContain('try again');
    expect(await one.state.runs.readLease(SSH_TURN, 'vc1', running)).toBeUndefined();
  }, 60_000);
});
