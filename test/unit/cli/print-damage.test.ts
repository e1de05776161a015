import { describe, expect, it } from 'vitest';
import { damageToJson, printDamage, printRepair } from '../../../lib/cli/print-damage.ts';
import type { Inspection } from '../../../lib/state/sqlite/inspect.ts';

const ROW = { pk: 'run#', sk: 's' } as unknown as Inspection['sound'][number];
const WHOLE: Inspection = { sound: [ROW, ROW], lost: [], knowsAll: true, faults: [] };
const lost = (pk: string) => ({ pk, sk: 's1' });

describe('printDamage', () => {
  it('says of a whole file that it has no damage', () => {
    expect(printDamage(WHOLE)).toEqual(['2 items, no damage']);
    expect(printDamage({ ...WHOLE, sound: [ROW] })).toEqual(['1 item, no damage']);
  });

  it.each([
    ['account#root', 'refusals and attempts of accounts'],
    ['proven#root', 'accounts that were accepted'],
    ['hostkeys#vc01', 'pinned host keys'],
    ['credential#env:ESXI', 'states of credentials'],
    ['run#services', 'leases, last runs and batches under way'],
    ['target#vc01', 'host lists'],
    ['netbox#', 'answers of NetBox'],
    ['later#', 'other'],
  ])('says of a lost item %s what it was', (pk, what) => {
    expect(printDamage({ ...WHOLE, lost: [lost(pk)] })).toEqual([
      '2 items can be read',
      `lost: ${what}: ${pk} s1`,
    ]);
  });

  it('names twenty of the lost items, and counts the others', () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => lost(`target#${index}`));
    expect(printDamage({ ...WHOLE, lost: many(20) }).slice(-1)).toEqual(['lost: host lists: target#19 s1']);
    expect(printDamage({ ...WHOLE, lost: many(22) }).slice(-2)).toEqual([
      'lost: host lists: target#19 s1',
      'and 2 more; --json has all',
    ]);
  });

  it('says when more may be lost, and what SQLite found', () => {
    expect(printDamage({ ...WHOLE, knowsAll: false, faults: ['row 7 missing', 'page 2'] })).toEqual([
      '2 items can be read',
      'more items may be lost; their names are not known',
      'damage: row 7 missing',
      'damage: page 2',
    ]);
  });
});

describe('damageToJson', () => {
  it('has all that is known', () => {
    expect(damageToJson(WHOLE)).toEqual({
      sound: true,
      items: 2,
      lost: [],
      othersMayBeLost: false,
      faults: [],
    });
    const damaged = { ...WHOLE, lost: [lost('target#1')], knowsAll: false, faults: ['page 2'] };
    expect(damageToJson(damaged)).toEqual({
      sound: false,
      items: 2,
      lost: [lost('target#1')],
      othersMayBeLost: true,
      faults: ['page 2'],
    });
  });
});

describe('printRepair', () => {
  it('says where the damaged file is, and of what was lost beside accounts no more than that', () => {
    const found = { ...WHOLE, lost: [lost('target#1'), lost('hostkeys#vc01')] };
    expect(printRepair(found, '/state/old')).toEqual(['repaired; the damaged file is in /state/old']);
  });

  it('counts the accounts that get no login until they are lifted, and says by which command', () => {
    const found = { ...WHOLE, lost: [lost('account#root'), lost('target#1'), lost('account#admin')] };
    expect(printRepair(found, '/state/old')).toEqual([
      'repaired; the damaged file is in /state/old',
      '2 accounts have lost their record of refused logins and get no login: "vsweep blacklist list" names them. ' +
        'Log in there once by hand, then lift each with --counter-was-reset, as the list says',
    ]);
  });

  it('says that no password goes out until a loss that nobody can name is accepted, and by which command', () => {
    expect(printRepair({ ...WHOLE, knowsAll: false }, '/state/old')).toEqual([
      'repaired; the damaged file is in /state/old',
      'No password goes to any host until you accept the loss: log in once by hand where an account may have ' +
        'been refused, then run: vsweep state accept-loss',
    ]);
  });
});
