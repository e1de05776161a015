import type { DatabaseSync } from 'node:sqlite';
import { StateError } from '../errors.ts';
import { type ItemKey, joinKey } from '../item.ts';
import { type Row, toItem, toRow } from './rows.ts';

/** Stands while nobody knows of which accounts the histories were lost, and nobody has said that this is all right. */
const LOSS: ItemKey = { pk: 'lost', sk: 'accounts' };
const ACCOUNTS = `${joinKey('account')}#`;
const RUNS = `${joinKey('run')}#`;
const FLIGHTS = `${joinKey('flight')}#`;
/** Who was ever refused. */
const USERS = 'accounts';
/** Which sweeps and targets may have flights. */
const OWNERS = 'flights';

/** Whether a partition says who was refused, or may have been. */
export const isOfAccounts = (pk: string): boolean => pk === USERS || pk.startsWith(ACCOUNTS);

/** Holds back the histories that are left, so that no password goes to a host whose history is gone. */
export interface LossGate {
  /** Throws StateError for a partition of accounts while the loss stands. */
  refuse(pk: string): void;
}

export function createLossGate(db: DatabaseSync, file: string): LossGate {
  const find = db.prepare('SELECT pk, sk, item, sum FROM items WHERE pk = ? AND sk = ?');
  return {
    refuse(pk) {
      if (!isOfAccounts(pk)) return;
      const row = find.get(LOSS.pk, LOSS.sk) as Row | undefined;
      if (row === undefined) return;
      const { at } = toItem(row);
      throw new StateError(
        `The state file ${file} was repaired at ${at}, and the record of refused logins is lost: no ` +
          'password goes to any host. Log in once by hand where an account may have been refused, then run: ' +
          'vsweep state accept-loss',
        { code: 'damaged' },
      );
    },
  };
}

export const lossRow = (at: string): Row => toRow({ ...LOSS, at });

/** The record of a batch in flight. */
export const isFlight = ({ pk, sk }: ItemKey): boolean => pk.startsWith(RUNS) && sk.startsWith(FLIGHTS);

/** More than any host allows: the limit of the host is lost with the history, and may be read again as a higher one. */
const LOST_REFUSALS = 255;

/**
 * In the place of an entry of an index: the same, by its key. In the place of a history that is gone: refusals, so that
 * the account is listed, and left alone on a host until it is lifted, on a vCenter, which forgets, for the time of its
 * window.
 */
export function rowsInPlaceOf({ pk, sk }: ItemKey, at: string): Row[] {
  if (pk === USERS) return [toRow({ pk, sk, user: sk })];
  if (pk === OWNERS) {
    const [sweep, target] = sk.split('#').map(toPart);
    return [toRow({ pk, sk, sweep, target, at: Date.parse(at) })];
  }
  if (!pk.startsWith(ACCOUNTS)) return [];
  const user = toPart(pk.slice(ACCOUNTS.length));
  return [
    toRow({ pk: USERS, sk: user, user }),
    toRow({
      pk,
      sk,
      user,
      address: sk,
      refusals: LOST_REFUSALS,
      refusedVersions: Array<string>(LOST_REFUSALS).fill('lost'),
      lastRefusalAt: Date.parse(at),
    }),
  ];
}

/** Of a joined key. */
const toPart = (part: string) => part.replaceAll('%23', '#').replaceAll('%25', '%');

/** Says that the loss is all right; false where there is none. */
export function acceptLoss(db: DatabaseSync): boolean {
  return db.prepare('DELETE FROM items WHERE pk = ? AND sk = ?').run(LOSS.pk, LOSS.sk).changes > 0;
}
