import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { joinKey } from '../../../lib/state/item.ts';
import { type Connection, openDatabase } from '../../../lib/state/sqlite/database.ts';
import {
  acceptLoss,
  isFlight,
  isOfAccounts,
  lossRow,
  rowsInPlaceOf,
} from '../../../lib/state/sqlite/losses.ts';
import { toItem, toRow } from '../../../lib/state/sqlite/rows.ts';

let folder = '';
let connection: Connection;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vsweep-state-'));
  connection = openDatabase(folder);
});
afterEach(() => connection.db.exec('DELETE FROM items'));
afterAll(() => {
  connection[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

const AT = '2026-01-02T03:04:05.000Z';

describe('the history of accounts that is lost', () => {
  it('holds back what is left of it until that is accepted', () => {
    const account = { pk: `${joinKey('account')}#root`, sk: 'esx01:22' };
    const { get, query, write } = connection.operations;
    for (const row of [toRow(account), lossRow(AT)]) write({ kind: 'put', row });
    const refusal = expect.objectContaining({
      code: 'damaged',
      message:
        `The state file ${join(folder, 'state.sqlite')} was repaired at ${AT}, and the record of refused logins is lost: no ` +
        'password goes to any host. Log in once by hand where an account may have been refused, then run: vsweep state accept-loss',
    });
    expect(() => get(account)).toThrow(refusal);
    expect(() => query({ pk: account.pk })).toThrow(refusal);
    expect(() => query({ pk: 'accounts' })).toThrow(refusal);
    expect(query({ pk: 'p' })).toEqual([]);
    expect(acceptLoss(connection.db)).toBe(true);
    expect(get(account)).toEqual(account);
    expect(acceptLoss(connection.db)).toBe(false);
  });

  it('is of the partitions of accounts alone', () => {
    expect(['accounts', 'account#root', 'account', 'accountsx', 'run#a'].map(isOfAccounts)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(isFlight({ pk: 'run#sweep#vc01', sk: 'flight#1' })).toBe(true);
    expect(isFlight({ pk: 'run#sweep#vc01', sk: 'last' })).toBe(false);
    expect(isFlight({ pk: 'roll#sweep', sk: 'flight#1' })).toBe(false);
  });

  it('is put on record as refusals of the account, in the place of each lost item', () => {
    const user = 'a#b%c';
    const rows = rowsInPlaceOf({ pk: joinKey('account', user), sk: 'esx01:22' }, AT).map(toItem);
    expect(rows).toEqual([
      { pk: 'accounts', sk: user, user },
      {
        pk: 'account#a%23b%25c',
        sk: 'esx01:22',
        user,
        address: 'esx01:22',
        refusals: 255,
        refusedVersions: Array(255).fill('lost'),
        lastRefusalAt: Date.parse(AT),
      },
    ]);
    expect(rowsInPlaceOf({ pk: 'accounts', sk: user }, AT).map(toItem)).toEqual([
      { pk: 'accounts', sk: user, user },
    ]);
    const owner = { pk: 'flights', sk: joinKey('a sweep', 'vc#1') };
    expect(rowsInPlaceOf(owner, AT).map(toItem)).toEqual([
      { ...owner, sweep: 'a sweep', target: 'vc#1', at: Date.parse(AT) },
    ]);
    expect(rowsInPlaceOf({ pk: 'key', sk: 'esx01:22' }, AT)).toEqual([]);
  });
});
