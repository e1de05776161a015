import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TEST_ACCOUNT } from '../../support/lambda/aws-environment.ts';
import { startDynamodb } from '../../support/lambda/dynamodb.ts';
import { startSmallFleet } from '../sweep/small-fleet.ts';
import { vsweep } from './vsweep-command.ts';

const o = { signal: new AbortController().signal };
const FINGERPRINT = /SHA256:[A-Za-z0-9+/]{43}/;
/** Long after any test. */
const FAR = Date.UTC(2100, 0);
/** Of a run that is under way. */
const soon = () => Date.now() + 60_000;

describe('vsweep status', () => {
  it('says when each sweep went over each target, how it ended and what became of the hosts', async () => {
    await using fleet = await startSmallFleet({ hosts: [{ behaviour: 'closed' }, {}] });
    expect((await vsweep(fleet.folder, 'status')).output).toMatch(/^services +vc1 +never +- +- +- +-$/m);
    await fleet.sweep();
    const { output, exitCode } = await vsweep(fleet.folder, 'status');
    expect(exitCode).toBe(0);
    expect(output).toMatch(
      /^services +vc1 +20\S+Z +\d+ \w(?:, LATE)? +3 +- +vcenter: 2 ok; ssh: 1 failed\(connection-refused\), 1 ok$/m,
    );
    const { output: json } = await vsweep(fleet.folder, 'status', '--json');
    expect(JSON.parse(json)).toMatchObject([
      {
        sweep: 'services',
        target: 'vc1',
        lease: null,
        last: { exitCode: 3, outcomes: { ssh: { ok: 1, 'failed(connection-refused)': 1 } } },
      },
    ]);
  });

  it('calls a run late after three intervals', async () => {
    await using fleet = await startSmallFleet({ hosts: [{}], every: '10s' });
    {
      await using container = await fleet.open();
      const at = Date.now() - 31_000;
      const last = { scheduledAt: at, startedAt: at, endedAt: at, exitCode: 0 };
      await container.state.runs.writeLast('services', 'vc1', last, o);
    }
    expect((await vsweep(fleet.folder, 'status')).output).toContain('LATE');
  });
});

describe('vsweep credential', () => {
  it('lists and lifts a suspension, so that the next run tries the credential as if it were new', async () => {
    await using fleet = await startSmallFleet({ hosts: [{}] });
    const none = await vsweep(fleet.folder, 'credential', 'list');
    expect(none.output).toMatch(/file:.*: not tried yet/);
    await fleet.sweep();
    const accepted = JSON.parse((await vsweep(fleet.folder, 'credential', 'list', '--json')).output);
    expect(accepted).toMatchObject([{ acceptedBy: fleet.addressOf(1) }]);
    const { id, provenVersion } = accepted[0];
    const nextTryAt = Date.now() + 3_600_000;
    {
      await using container = await fleet.open();
      const states = container.state.credentialStates;
      const seen = await states.read(id, o);
      const suspended = { version: provenVersion, tries: 2, nextTryAt };
      await states.replace({ ...seen.state, suspended }, seen, o);
    }
    const listed = await vsweep(fleet.folder, 'credential', 'list');
    expect(listed.output).toMatch(
      new RegExp(`suspended, refused 2 times +${new Date(nextTryAt).toISOString()}`),
    );
    const suspended = await vsweep(fleet.folder, 'sweep', 'services', '--dry-run');
    expect(suspended.output).toMatch(/^vsweep_credential_ok\{.*credential="file:.*\} 0$/m);
    expect(suspended.output).toMatch(/^vsweep_hosts\{.*reason="suspended".*\} 1$/m);
    expect(suspended.output).toMatch(/^vsweep_state_up\{.*\} 1$/m);

    expect(await vsweep(fleet.folder, 'credential', 'lift', id)).toMatchObject({ exitCode: 0, errors: '' });
    expect((await vsweep(fleet.folder, 'credential', 'list')).output).toMatch(/not tried yet/);
    const tried = await vsweep(fleet.folder, 'sweep', 'services', '--dry-run');
    expect(tried).toMatchObject({ exitCode: 0 });
    expect(tried.output).toMatch(/^vsweep_credential_ok\{.*credential="file:.*\} 1$/m);
  });

  it('exits 1 for an id of which nothing is known, and says which ones there are', async () => {
    await using fleet = await startSmallFleet({ hosts: [{}] });
    const { errors, exitCode } = await vsweep(fleet.folder, 'credential', 'lift', 'file:nothing');
    expect(exitCode).toBe(1);
    expect(errors).toMatch(/credential "file:nothing" was never tried; the configuration has file:/);
  });
});

describe('vsweep hostkey', () => {
  it('shows the pinned and the presented key, and pins the presented one only by its fingerprint', async () => {
    await using fleet = await startSmallFleet({ hosts: [{}] });
    await fleet.sweep();
    const [key] = JSON.parse((await vsweep(fleet.folder, 'hostkey', 'list', '--json')).output);
    expect(key).toMatchObject({ target: 'vc1', fingerprint: expect.stringMatching(FINGERPRINT) });
    const { endpoint, fingerprint: pinned } = key;
    const accept = (...more: string[]) => vsweep(fleet.folder, 'hostkey', 'accept', 'vc1', endpoint, ...more);
    expect(await accept()).toMatchObject({ exitCode: 0, output: expect.stringContaining('the pinned key') });

    fleet.esxi.rekey(fleet.addressOf(1));
    const requests = fleet.esxi.authRequests(fleet.addressOf(1)).length;
    const shown = await accept();
    const [, typed = ''] = /--fingerprint (\S+)/.exec(shown.output) ?? [];
    expect(typed).not.toBe(pinned);
    expect(shown).toMatchObject({ exitCode: 2, output: expect.stringContaining(pinned) });
    expect(shown.output).toMatch(/^ {2}pinned +\S+ SHA256:.*\n {2}presented +\S+ SHA256:/m);
    const wrong = await accept('--fingerprint', pinned);
    expect(wrong).toMatchObject({ exitCode: 2, output: expect.stringContaining('nothing was changed') });
    expect((await fleet.sweep()).targets[0]?.paths.ssh?.reasons).toEqual({ 'failed(hostkey)': 1 });

    expect(await accept('--fingerprint', typed)).toMatchObject({ exitCode: 0 });
    expect(fleet.esxi.authRequests(fleet.addressOf(1))).toHaveLength(requests);
    expect((await fleet.sweep()).targets[0]?.paths.ssh?.reasons).toEqual({ ok: 1 });
  });

  it('forgets one key, or all of a target when that is said', async () => {
    await using fleet = await startSmallFleet({ hosts: [{}, {}] });
    await fleet.sweep();
    const port = fleet.esxi.port;
    const forget = (...args: string[]) => vsweep(fleet.folder, 'hostkey', 'forget', 'vc1', ...args);
    expect((await forget()).exitCode).toBe(2);
    expect(await forget(`${fleet.addressOf(1)}:${port}`)).toMatchObject({ output: '1 forgotten\n' });
    expect(await forget('--all', '--json')).toMatchObject({ output: '{"forgotten":1}\n' });
    expect((await vsweep(fleet.folder, 'hostkey', 'list')).output).toBe('no host key is pinned\n');
  });

  it('exits 2 for a target or an endpoint that is none', async () => {
    await using fleet = await startSmallFleet({ hosts: [{}] });
    for (const [target, endpoint] of [
      ['vc9', '10.0.0.1:22'],
      ['vc1', '10.0.0.1'],
    ] as const) {
      const { exitCode, errors } = await vsweep(fleet.folder, 'hostkey', 'accept', target, endpoint);
      expect({ exitCode, errors }).toEqual({
        exitCode: 2,
        errors: expect.stringContaining(target === 'vc9' ? 'vc1' : '<address:port>'),
      });
    }
  });
});

describe('vsweep lease', () => {
  it('lists a lease that is held, and releases it when its run is said to be dead', async () => {
    await using fleet = await startSmallFleet({ hosts: [{}] });
    expect((await vsweep(fleet.folder, 'lease', 'list')).output).toBe('no sweep is running\n');
    {
      await using container = await fleet.open();
      await container.state.runs.acquireLease('services', 'vc1', { holder: 'dead/vc1', endsAt: soon() }, o);
    }
    expect((await vsweep(fleet.folder, 'lease', 'list')).output).toMatch(/services +vc1 +20\S+ +dead\/vc1/);
    expect((await fleet.sweep()).targets[0]?.status).toBe('lease');
    const release = (...more: string[]) =>
      vsweep(fleet.folder, 'lease', 'release', 'services', 'vc1', ...more);
    expect(await release()).toMatchObject({ exitCode: 2, errors: expect.stringContaining('--run-is-dead') });
    expect(await release('--run-is-dead')).toMatchObject({ exitCode: 0, errors: '' });
    expect((await fleet.sweep()).targets[0]?.status).toBe('swept');
  });
});

describe('vsweep lease release', () => {
  it('gives the trial of a credential by the dead run to the next one, and that of no other run', async () => {
    await using fleet = await startSmallFleet({ hosts: [{}] });
    await fleet.sweep();
    const [{ id, provenVersion }] = JSON.parse(
      (await vsweep(fleet.folder, 'credential', 'list', '--json')).output,
    );
    const suspended = { version: provenVersion, tries: 1, nextTryAt: 1 };
    for (const [holder, isEnded] of [
      ['dead', true],
      ['another', false],
    ] as const) {
      {
        await using container = await fleet.open();
        const { runs, credentialStates } = container.state;
        await runs.acquireLease('services', 'vc1', { holder: 'dead', endsAt: soon() }, o);
        const seen = await credentialStates.read(id, o);
        await credentialStates.replace(
          { id, provenVersion, suspended, trial: { holder, endsAt: FAR } },
          seen,
          o,
        );
      }
      const released = await vsweep(fleet.folder, 'lease', 'release', 'services', 'vc1', '--run-is-dead');
      expect(released.output).toBe(
        `released; it was held by dead\n${isEnded ? `its trial of ${id} has ended\n` : ''}`,
      );
      expect((await fleet.sweep()).targets[0]?.paths.ssh?.reasons).toEqual(
        isEnded ? { ok: 1 } : { 'skipped(suspended)': 1 },
      );
    }
  });
});

describe('with --table', () => {
  it('each command is about the deployed table, and no state folder is opened', async () => {
    await using dynamodb = await startDynamodb();
    await using fleet = await startSmallFleet({ hosts: [{}] });
    const { state, tableName } = dynamodb;
    await state.accounts.recordRefusal('deployed', '10.0.0.9', { version: 'v1' }, o);
    await state.hostKeys.pin('10.0.0.9:22', { key: { type: 'ssh-rsa', blob: 'AAAA' }, target: 'vc1' }, o);
    await state.runs.acquireLease('services', 'vc1', { holder: 'lambda', endsAt: soon() }, o);
    const last = { scheduledAt: 1, startedAt: 1, endedAt: 2, exitCode: 1 };
    await state.runs.writeLast('services', 'vc1', last, o);
    const { accessKeyId, secretAccessKey } = TEST_ACCOUNT.credentials;
    const env = {
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
      AWS_REGION: TEST_ACCOUNT.region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    };
    const deployed = async (...args: string[]) => {
      const ended = await vsweep({ folder: fleet.folder, env }, ...args, '--table', tableName, '--json');
      expect(ended).toMatchObject({ exitCode: 0, errors: '' });
      return JSON.parse(ended.output);
    };
    expect(await deployed('blacklist', 'list')).toMatchObject([{ user: 'deployed' }]);
    expect(await deployed('hostkey', 'list')).toMatchObject([{ endpoint: '10.0.0.9:22' }]);
    expect(await deployed('lease', 'list')).toMatchObject([{ holder: 'lambda' }]);
    expect(await deployed('status')).toMatchObject([{ last: { exitCode: 1 }, lease: { holder: 'lambda' } }]);
    expect(await deployed('credential', 'list')).toEqual([]);
    expect(await deployed('blacklist', 'lift', '--user', 'deployed', '--counter-was-reset')).toEqual({
      lifted: 1,
    });
    expect(await state.accounts.list(o)).toEqual([]);
    expect(existsSync(join(fleet.folder, 'state'))).toBe(false);

    const accepting = ['hostkey', 'accept', 'vc1', '127.0.0.9:22', '--table', tableName];
    for (const more of [[], ['--fingerprint', 'SHA256:x']]) {
      const refused = await vsweep({ folder: fleet.folder, env }, ...accepting, ...more);
      expect(refused).toMatchObject({
        exitCode: 2,
        errors: expect.stringMatching(
          `invoke hostkeys --target vc1.*Under trust-first .*vsweep hostkey forget vc1 127.0.0.9:22 --table ${tableName}`,
        ),
      });
    }
    const wrong = await vsweep({ folder: fleet.folder, env }, 'status', '--table', 'another');
    expect(wrong).toMatchObject({
      exitCode: 1,
      errors: expect.stringContaining('Check the name of the table'),
    });
  });
});
