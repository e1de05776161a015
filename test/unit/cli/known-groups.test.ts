import { describe, expect, it } from 'vitest';
import { joinGroups, type KnownGroup, toRow, wholeGroups } from '../../../lib/cli/known-groups.ts';
import type { Config } from '../../../lib/config/schema.ts';

const group = (job: string, instance: string) => ({ job, instance });
const pushed = { lastPushSuccessful: true };

describe('the groups of a gateway', () => {
  it('are one each, though they were pushed in parts: as old as the oldest, failed when the last part did', () => {
    expect(
      wholeGroups([
        { ...group('a', 'vc1'), pushedAt: 20, failedAt: 5, lastPushSuccessful: true },
        { ...group('a', 'vc2'), pushedAt: 7, ...pushed },
        { ...group('a', 'vc1'), pushedAt: 10, failedAt: 8, lastPushSuccessful: false },
        { ...group('b', 'vc1'), failedAt: 3, lastPushSuccessful: false },
      ]),
    ).toEqual([
      { ...group('a', 'vc1'), pushedAt: 10, failedAt: 8, lastPushSuccessful: false },
      { ...group('a', 'vc2'), pushedAt: 7, ...pushed },
      { ...group('b', 'vc1'), failedAt: 3, lastPushSuccessful: false },
    ]);
  });

  it('have no time of a push while one of their parts has none', () => {
    expect(
      wholeGroups([
        { ...group('a', 'vc1'), pushedAt: 1, ...pushed },
        { ...group('a', 'vc1'), ...pushed },
      ]),
    ).toEqual([{ ...group('a', 'vc1'), ...pushed }]);
  });

  it('are two where the words of their names are divided otherwise', () => {
    expect(
      wholeGroups([
        { ...group('a b', 'c'), ...pushed },
        { ...group('a', 'b c'), ...pushed },
      ]),
    ).toHaveLength(2);
  });
});

describe('the groups that vsweep knows', () => {
  const config = {
    targets: [{ name: 'vc1' }, { name: 'vc2' }],
    sweeps: [
      { name: 'all', job: 'a' },
      { name: 'one', job: 'b', targets: ['vc2'] },
    ],
  } as unknown as Config;
  const atGateway = [
    { ...group('a', 'vc1'), pushedAt: 1, ...pushed },
    { ...group('a', 'gone'), ...pushed },
    { ...group('foreign', 'vc1'), ...pushed },
  ];

  it('are those recorded, then those of its jobs at the gateway that are not recorded', () => {
    expect(joinGroups([group('a', 'vc1'), group('b', 'vc1'), group('b', 'vc2')], atGateway, config)).toEqual([
      { ...group('a', 'vc1'), isRecorded: true, isConfigured: true, gateway: atGateway[0] },
      { ...group('b', 'vc1'), isRecorded: true, isConfigured: false, gateway: null },
      { ...group('b', 'vc2'), isRecorded: true, isConfigured: true, gateway: null },
      { ...group('a', 'gone'), isRecorded: false, isConfigured: false, gateway: atGateway[1] },
    ]);
  });

  it('are those recorded alone where no gateway answered', () => {
    expect(joinGroups([group('a', 'vc1')], undefined, config)).toEqual([
      { ...group('a', 'vc1'), isRecorded: true, isConfigured: true },
    ]);
  });
});

describe('the row of a group', () => {
  const known: KnownGroup = { ...group('a', 'vc1'), isConfigured: true, isRecorded: true };
  const at = { ...group('a', 'vc1'), pushedAt: 1_000, ...pushed };
  const now = 61_000;

  it.each<[string, Partial<KnownGroup>, boolean, string[]]>([
    ['of a gateway that was not asked', {}, true, ['yes', '', '']],
    ['that the gateway does not have', { gateway: null }, true, ['yes', 'not at the gateway', '']],
    ['that was taken a minute ago', { gateway: at }, true, ['yes', '1 m ago', 'taken']],
    [
      'whose last push was rejected',
      { gateway: { ...group('a', 'vc1'), lastPushSuccessful: false } },
      true,
      ['yes', 'never', 'LAST PUSH REJECTED'],
    ],
    ['that no sweep has', { isConfigured: false }, true, ['NO; the next run deletes it', '', '']],
    [
      'that no sweep has, without its gateway',
      { isConfigured: false },
      false,
      ['NO; the next run deletes it once the section "push" names its gateway', '', ''],
    ],
    [
      'that no sweep has and the state does not know',
      { isConfigured: false, isRecorded: false },
      true,
      ['NO, and not in the state', '', ''],
    ],
  ])(
    '%s shows it: with %j, and a gateway in the configuration: %s, its cells are %j',
    (_which, more, hasGateway, cells) => {
      expect(toRow({ ...known, ...more }, { hasGateway, now })).toEqual(['a', 'vc1', ...cells]);
    },
  );
});
