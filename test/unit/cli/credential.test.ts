import { describe, expect, it } from 'vitest';
import { endTrials, idsOf, liftCredential, printCredentials } from '../../../lib/cli/credential.ts';
import type { LoadedConfig } from '../../../lib/config/loaded-config.ts';
import { createState, type State } from '../../../lib/state/state.ts';
import type { CredentialState } from '../../../lib/state/stores/credential-states.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';

const options = { signal: new AbortController().signal };
const now = Date.UTC(2026, 10, 29);
const HOUR = 3_600_000;
const loadedWith = (credentials: object | undefined) =>
  ({ config: { esxi: credentials && { credentials } } }) as unknown as LoadedConfig;
const stateWith = async (...known: readonly CredentialState[]): Promise<State> => {
  const state = createState({ table: createMemoryTable(), clock: createManualClock(now) });
  for (const one of known) await state.credentialStates.replace(one, { state: one, revision: 0 }, options);
  return state;
};
/** The state in which each change meets another one that was made first, so many times. */
const contested = (state: State, times: number): State => {
  let left = times;
  return {
    ...state,
    credentialStates: {
      ...state.credentialStates,
      replace: async (...args) => {
        left -= 1;
        return left < 0 ? await state.credentialStates.replace(...args) : undefined;
      },
    },
  };
};

it('the credential of a configuration is called by what holds it; without ssh there is none', () => {
  const of = (credentials: object | undefined) => idsOf(loadedWith(credentials));
  expect(of({ secret: 's', scope: 'host' })).toEqual(['secret:s']);
  expect(of({ env: 'E' })).toEqual(['env:E']);
  expect(of({ file: '/f' })).toEqual(['file:/f']);
  expect(of(undefined)).toEqual([]);
});

describe('what is known of credentials', () => {
  const print = (known: readonly CredentialState[], ids = ['a', 'b']) =>
    printCredentials(known, { ids, now, width: Number.POSITIVE_INFINITY }).split('\n');

  it('is nothing where none is configured, or none was tried', () => {
    expect(print([], [])).toEqual(['no credential for ssh is configured']);
    expect(print([])).toEqual(['a, b: not tried yet']);
  });

  it('is its state, until when, and who accepted it', () => {
    const trial = { holder: 'run', endsAt: now + HOUR };
    const suspended = { version: 'v', tries: 1, nextTryAt: now + 60_000 };
    const later = `2026-11-29T00:01:00.000Z`;
    expect(
      print([
        { id: 'tried', trial, suspended, acceptedBy: 'esx1' },
        { id: 'over', trial: { ...trial, endsAt: now } },
        { id: 'once', suspended, acceptedBy: 'esx2' },
        { id: 'twice', suspended: { ...suspended, tries: 2 } },
        { id: 'proven', provenVersion: 'v', acceptedBy: 'esx3' },
      ]),
    ).toEqual([
      'credential  state                       until                     accepted by',
      'tried       trial                       2026-11-29T01:00:00.000Z  esx1',
      'over        not tried yet               -                         -',
      `once        suspended, refused once     ${later}  esx2`,
      `twice       suspended, refused 2 times  ${later}  -`,
      'proven      accepted                    -                         esx3',
    ]);
  });
});

describe('a credential that is lifted', () => {
  const suspended = { version: 'v', tries: 3, nextTryAt: now + HOUR };

  it('is tried by the next run; one that was never tried is not known', async () => {
    const state = await stateWith({ id: 'a', suspended });
    expect(await liftCredential(state, 'a', options)).toBe('lifted');
    expect(
      (await state.credentialStates.read('a', options)).state.suspended?.nextTryAt ?? 0,
    ).toBeLessThanOrEqual(now);
    expect(await liftCredential(state, 'b', options)).toBe('unknown');
  });

  it('is looked at five times while runs change it', async () => {
    const state = await stateWith({ id: 'a', suspended });
    expect(await liftCredential(contested(state, 5), 'a', options)).toBe('changed-meanwhile');
    expect(await liftCredential(contested(state, 4), 'a', options)).toBe('lifted');
  });
});

describe('the trials of a run that died', () => {
  const loaded = loadedWith({ env: 'E' });
  const trial = { holder: 'dead', endsAt: now + HOUR };

  it('end, and those of another run go on', async () => {
    const state = await stateWith({ id: 'env:E', provenVersion: 'v', trial });
    expect(await endTrials(state, { loaded, holder: 'alive' }, options)).toEqual([]);
    expect(await endTrials(state, { loaded, holder: 'dead' }, options)).toEqual(['env:E']);
    const { state: left } = await state.credentialStates.read('env:E', options);
    expect(left).toEqual({ id: 'env:E', provenVersion: 'v' });
    expect(await endTrials(state, { loaded, holder: 'dead' }, options)).toEqual([]);
  });

  it('end also while they are changed, which is tried five times', async () => {
    const state = await stateWith({ id: 'env:E', trial });
    expect(await endTrials(contested(state, 5), { loaded, holder: 'dead' }, options)).toEqual([]);
    expect(await endTrials(contested(state, 4), { loaded, holder: 'dead' }, options)).toEqual(['env:E']);
  });
});
