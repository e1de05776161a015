import { describe, expect, it } from 'vitest';
import { groupsDeleteCommand, groupsListCommand } from '../../../lib/cli/groups.ts';
import { here } from '../../support/cli/here.ts';
import { type Answer, answer, startGateway } from '../sinks/gateway.ts';
import { createConfigured } from './command-here.ts';

const o = { signal: new AbortController().signal };
const HOUR_MS = 3_600_000;
const PUSHED_AT = Date.now() - 3 * HOUR_MS - 60_000;
const SWEEPS = {
  targets: [
    { name: 'vc1', credentials: { env: 'VC' } },
    { name: 'vc2', credentials: { env: 'VC' } },
  ],
  sweeps: [{ name: 'all', every: '10m', collectors: ['overall-status'] }],
};

/** A group in the gateway's answer; times in milliseconds since the epoch. */
function atGateway(
  labels: Readonly<Record<string, string>>,
  { pushedAt, failedAt, isTaken = true }: { pushedAt?: number; failedAt?: number; isTaken?: boolean } = {},
) {
  const time = (ms: number | undefined) => ({ metrics: [{ value: String((ms ?? 0) / 1_000) }] });
  return {
    labels,
    last_push_successful: isTaken,
    push_time_seconds: time(pushedAt),
    push_failure_time_seconds: time(failedAt),
  };
}

async function startGroups(data: readonly object[]) {
  await using making = new AsyncDisposableStack();
  const listed = answer(200, JSON.stringify({ status: 'success', data }));
  const deletes = answer(202);
  const answers: Answer = (response, request) =>
    (request.method === 'DELETE' ? deletes : listed)(response, request);
  const gateway = making.use(await startGateway([answers], undefined, { answersLists: true }));
  const configured = making.use(await createConfigured({ ...SWEEPS, push: { url: gateway.url } }));
  const resources = making.move();
  return { gateway, configured, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

const part = (instance: string, number: string) => ({ job: 'vsweep_all', instance, vsweep_part: number });

const GROUPS = [
  atGateway(part('vc1', '0'), { pushedAt: PUSHED_AT + HOUR_MS, failedAt: PUSHED_AT + 2, isTaken: false }),
  atGateway(part('vc1', '1'), { pushedAt: PUSHED_AT, failedAt: PUSHED_AT + 9 }),
  atGateway({ job: 'vsweep_all', instance: 'lost' }, { pushedAt: PUSHED_AT }),
  atGateway(part('half', '0'), { pushedAt: PUSHED_AT }),
  atGateway(part('half', '1')),
  atGateway({ job: 'node', instance: 'vc1' }, { pushedAt: PUSHED_AT }),
];

describe('vsweep groups', () => {
  it('lists what was pushed beside what the gateway has, the parts of a group as one', async () => {
    await using at = await startGroups(GROUPS);
    await at.configured.withState(async ({ groups }) => {
      await groups.record({ job: 'vsweep_all', instance: 'vc1' }, o);
      await groups.record({ job: 'vsweep_all', instance: 'vc2' }, o);
      await groups.record({ job: 'vsweep_old', instance: 'vc1' }, o);
    });
    const { output, errors, exitCode } = await here(() => groupsListCommand(at.configured.text));
    expect([errors, exitCode]).toEqual(['', 0]);
    expect(
      output
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/ {2,}/)),
    ).toEqual([
      ['job', 'instance', 'configured', 'last push', 'result'],
      ['vsweep_all', 'vc1', 'yes', '3 h ago', 'LAST PUSH REJECTED'],
      ['vsweep_all', 'vc2', 'yes', 'not at the gateway', '-'],
      ['vsweep_old', 'vc1', 'NO; the next run deletes it', 'not at the gateway', '-'],
      ['vsweep_all', 'lost', 'NO, and not in the state', '3 h ago', 'taken'],
      ['vsweep_all', 'half', 'NO, and not in the state', 'never', 'taken'],
    ]);
    const json = await here(() => groupsListCommand(at.configured.json));
    const all = { job: 'vsweep_all' };
    expect(JSON.parse(json.output)).toEqual([
      {
        ...all,
        instance: 'vc1',
        isRecorded: true,
        isConfigured: true,
        gateway: {
          ...all,
          instance: 'vc1',
          pushedAt: PUSHED_AT,
          failedAt: PUSHED_AT + 9,
          lastPushSuccessful: false,
        },
      },
      { ...all, instance: 'vc2', isRecorded: true, isConfigured: true, gateway: null },
      { job: 'vsweep_old', instance: 'vc1', isRecorded: true, isConfigured: false, gateway: null },
      {
        ...all,
        instance: 'lost',
        isRecorded: false,
        isConfigured: false,
        gateway: { ...all, instance: 'lost', pushedAt: PUSHED_AT, lastPushSuccessful: true },
      },
      {
        ...all,
        instance: 'half',
        isRecorded: false,
        isConfigured: false,
        gateway: { ...all, instance: 'half', lastPushSuccessful: true },
      },
    ]);
  });

  it('says that nothing was pushed where neither the state nor the gateway has a group', async () => {
    await using at = await startGroups([atGateway({ job: 'node', instance: 'vc1' })]);
    expect(await here(() => groupsListCommand(at.configured.text))).toEqual({
      output: 'no group was pushed\n',
      errors: '',
      exitCode: 0,
    });
    expect((await here(() => groupsListCommand(at.configured.json))).output).toBe('[]\n');
  });

  it('deletes a group on record and forgets it, and says in JSON whether there was one', async () => {
    await using at = await startGroups(GROUPS);
    const remove = (instance: string) =>
      here(() => groupsDeleteCommand('vsweep_old', instance, at.configured.json));
    await at.configured.withState(({ groups }) => groups.record({ job: 'vsweep_old', instance: 'vc1' }, o));
    const gone = await remove('vc1');
    expect([JSON.parse(gone.output), gone.exitCode]).toEqual([{ deleted: null, isConfigured: false }, 0]);
    expect(await at.configured.withState(({ groups }) => groups.readAll(o))).toEqual([]);
    expect(await remove('vc1')).toEqual({
      output: '',
      errors:
        'no group vsweep_old/vc1 was pushed, and no sweep has the job "vsweep_old"; "vsweep groups list" shows all\n',
      exitCode: 1,
    });
    const of = (instance: string, options = at.configured.text) =>
      here(() => groupsDeleteCommand('vsweep_all', instance, options));
    expect(JSON.parse((await of('vc1', at.configured.json)).output)).toEqual({
      deleted: { job: 'vsweep_all', instance: 'vc1' },
      isConfigured: true,
    });
    expect((await of('vc9')).output).toBe('vsweep_all/vc9 is not at the gateway; nothing was deleted\n');
    expect((await of('lost')).output).toBe('vsweep_all/lost is deleted\n');
    expect((await of('vc1')).output).toBe(
      'vsweep_all/vc1 is deleted; the next run of its sweep pushes it again\n',
    );
  });

  it('has nothing to list or delete at a destination that is only pushed to', async () => {
    await using configured = await createConfigured({
      ...SWEEPS,
      push: { url: 'http://127.0.0.1:9', protocol: 'push-only' },
    });
    expect(await here(() => groupsListCommand(configured.text))).toEqual({
      output: 'no group was pushed, and push.protocol is push-only: such a destination keeps no groups\n',
      errors: '',
      exitCode: 0,
    });
    await configured.withState(({ groups }) => groups.record({ job: 'vsweep_all', instance: 'vc1' }, o));
    expect(await here(() => groupsListCommand(configured.text))).toMatchObject({
      errors:
        'the groups at the gateway cannot be listed: push.protocol is push-only: such a destination keeps no groups\n',
      exitCode: 1,
    });
    await expect(here(() => groupsDeleteCommand('vsweep_all', 'vc1', configured.text))).rejects.toMatchObject(
      {
        issues: [
          { path: 'push.protocol', message: 'is push-only: such a destination keeps no groups to delete' },
        ],
      },
    );
  });
});
