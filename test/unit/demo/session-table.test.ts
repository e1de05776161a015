import { describe, expect, it } from 'vitest';
import { SessionTable } from '../../../lib/demo/vcenter/session-table.ts';
import { DemoBusy } from '../../../lib/demo/vcenter/soap-answer.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const client = { user: 'u', userAgent: 'test' };

describe('SessionTable', () => {
  it('ends a session that was idle for too long, and keeps one that is used', () => {
    const clock = createManualClock();
    const table = new SessionTable({ clock, idleTimeoutMs: 1_000 });
    const [used, idle] = [table.open(client), table.open(client)];
    clock.advance(900);
    expect(table.use(used.cookie)).toBe(used.session);
    clock.advance(900);
    expect(table.use(idle.cookie)).toBeUndefined();
    expect(table.list()).toEqual([used.session]);
  });

  it('has room for so many sessions', () => {
    const table = new SessionTable({ clock: createManualClock(), maxSessions: 1 });
    const { cookie } = table.open(client);
    expect(() => table.open(client)).toThrow(DemoBusy);
    table.close(cookie);
    table.open(client);
  });

  it('lets a session end others, but neither itself nor one that is gone', () => {
    const table = new SessionTable({ clock: createManualClock() });
    const { session: by } = table.open(client);
    const { session: other } = table.open(client);
    table.terminate([other.key], { by });
    expect(table.list()).toEqual([by]);
    expect(() => table.terminate([other.key], { by })).toThrow('no such session');
    expect(() => table.terminate([by.key], { by })).toThrow('itself');
  });

  it('takes no ticket of a session that has ended', () => {
    const table = new SessionTable({ clock: createManualClock() });
    const { cookie } = table.open(client);
    const ticket = table.issueTicket(cookie);
    table.close(cookie);
    expect(() => table.redeem(ticket)).toThrow('not valid');
  });
});
