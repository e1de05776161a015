import { StateError, type StateErrorCode } from '../../../lib/state/errors.ts';
import type { Table } from '../../../lib/state/port.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';

/** A table in memory whose calls fail while `fails` is set, and wait for `held` before their answer goes out. */
export function createBreakableTable() {
  const control: { fails: StateErrorCode | undefined; held: Promise<unknown> | undefined } = {
    fails: undefined,
    held: undefined,
  };
  const table = new Proxy(createMemoryTable(), {
    get(target, key) {
      const call: unknown = Reflect.get(target, key);
      if (typeof call !== 'function') return call;
      return async (...args: unknown[]) => {
        if (control.fails !== undefined) throw new StateError('no table', { code: control.fails });
        const answer: unknown = await call.apply(target, args);
        await control.held;
        return answer;
      };
    },
  }) satisfies Table;
  return { table, control };
}
