import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { explainForbidden, printLift, printLimits } from '../../../lib/logins/rules/explain-forbidden.ts';
import type { Forbidden } from '../../../lib/logins/rules/may-try-login.ts';
import { PRINCIPAL } from '../../../lib/logins/rules/principal.ts';

const T0 = Date.UTC(2026, 0, 1);
const account = { user: 'root', address: 'esx01' };
const refusedOnce = { ...account, refusals: 1, refusedVersions: ['v1'], lastRefusalAt: T0 };
const shut = (opens: Forbidden['opens'], until?: number): Forbidden => ({
  allowed: false,
  reason: 'blacklist',
  opens,
  ...(until === undefined ? {} : { until }),
});

describe('explainForbidden', () => {
  it('says until when, what lifts it, which refusal it was, and the rules of the host', () => {
    const history = { ...refusedOnce, hostLimit: 5, unlockSeconds: 900 };
    expect(explainForbidden(account, shut('time', T0 + 1_200_000), history)).toBe(
      'Account root on esx01 was refused; no further login is tried until 2026-01-01T00:20:00.000Z (counted: 1 refusal, ' +
        'last seen at 2026-01-01T00:00:00.000Z; the lockout limit of the host is 5, unlocks after 900 s). To try sooner, log in there ' +
        'once with the right password, then run: vsweep blacklist lift --user root --address esx01 --counter-was-reset',
    );
  });

  it('says that a limit which was not read is taken as 3, where that is what keeps it shut', () => {
    const twice = { ...refusedOnce, refusals: 2, refusedVersions: ['v1', 'v2'] };
    for (const read of [twice, { ...twice, unlockSeconds: 900 }])
      expect(explainForbidden(account, shut('lift'), read)).toContain(
        'the lockout limit of the host is unknown and assumed to be 3)',
      );
    expect(explainForbidden(account, shut('new-version'), twice)).not.toContain('limit');
  });

  it('says what opens an account whose credential was refused twice, and one whose refusals are spent', () => {
    const lift =
      'log in there once with the right password, then run: vsweep blacklist lift --user root --address esx01 --counter-was-reset';
    const twice = { ...refusedOnce, refusals: 2, refusedVersions: ['v1', 'v1'] };
    expect(explainForbidden(account, shut('new-version'), twice)).toBe(
      'Account root on esx01 was refused twice with this password or key (counted: 2 refusals, last seen at ' +
        `2026-01-01T00:00:00.000Z); correct it, or ${lift}`,
    );
    expect(explainForbidden(account, shut('lift'))).toBe(
      `Account root on esx01 was refused as often as vsweep allows; ${lift}`,
    );
  });

  it('tells of a login without an end, and of refusals that nobody saw', () => {
    const history = {
      ...account,
      refusals: 1,
      refusedVersions: ['v1'],
      openAttempt: { version: 'v1', at: T0 },
    };
    expect(explainForbidden(account, shut('lift'), history)).toContain(
      'Account root on esx01 may have been refused as often as vsweep allows (counted: 1 refusal, and a login of ' +
        '2026-01-01T00:00:00.000Z whose result was never recorded;',
    );
  });

  it('says of a login to REST what has to be accepted first, and which refusal it was', () => {
    expect(explainForbidden(account, 'since-refused', refusedOnce)).toBe(
      'Account root on esx01 has had a failed login since it was last accepted (counted: 1 refusal, last seen at ' +
        '2026-01-01T00:00:00.000Z); the REST API is tried again in the run that it is next accepted in.',
    );
    expect(explainForbidden(account, 'since-refused')).toBe(
      'Account root on esx01 has had a failed login since it was last accepted; the REST API is tried again in the run that it is next accepted in.',
    );
  });

  it('calls a pause after an answer that was neither yes nor no what it is, and offers no lift', () => {
    const said = explainForbidden(account, { ...shut('time', T0), undecided: true });
    expect(said).toBe(
      'Account root on esx01 was neither accepted nor refused; no further login is tried before 2026-01-01T00:00:00.000Z.',
    );
  });
});

describe('printLift', () => {
  it('asks for no confirmation where a vCenter counts, which forgets refusals in time', () => {
    const history = { ...refusedOnce, refusals: 2, refusedVersions: ['v1', 'v1'] };
    expect(explainForbidden(account, shut('time', T0), history, { decays: true })).toMatch(
      /To try sooner, correct the credential, then run: vsweep blacklist lift --user root --address esx01$/,
    );
  });

  const ask = promisify(execFile);
  it.each(['sweeper', 'CORP\\sweeper', "o'neill", 'sweeper@corp.example', '$HOME `id` !', 'a b'])(
    'gives a shell the user %s and the address of a directory as they are',
    async (user) => {
      const [, command = ''] = printLift({ user, address: PRINCIPAL }).split('then run: ');
      const { stdout } = await ask('sh', ['-c', `vsweep() { printf '%s\\n' "$@"; }; ${command}`]);
      expect(stdout.trimEnd().split('\n')).toEqual([
        'blacklist',
        'lift',
        '--user',
        user,
        '--address',
        PRINCIPAL,
        '--counter-was-reset',
      ]);
    },
  );
});

describe('printLimits', () => {
  it.each([
    [{}, ''],
    [{ hostLimit: 5 }, '5'],
    [{ hostLimit: 5, unlockSeconds: 900 }, '5, unlocks after 900 s'],
    [{ hostLimit: 3, unlockSeconds: 0 }, '3, unlocks by hand only'],
    [{ hostLimit: 0, unlockSeconds: 900 }, '0, never locks'],
    [{ unlockSeconds: 900 }, 'unlocks after 900 s'],
  ])('of %j is "%s"', (limits, text) => {
    expect(printLimits(limits)).toBe(text);
  });
});
