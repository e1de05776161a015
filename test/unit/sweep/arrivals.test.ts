import { describe, expect, it } from 'vitest';
import { createArrivals } from '../../../lib/sweep/worker/arrivals.ts';

const object = (value: string) => ({
  moref: { type: 'HostSystem', value },
  properties: new Map(),
  missing: new Map(),
});
const waiting = () => new AbortController().signal;

describe('createArrivals', () => {
  it('hands over an object when it arrives', async () => {
    const arrivals = createArrivals([{ moref: 'host-1' }]);
    const coming = arrivals.of('host-1', waiting());
    arrivals.arrived(object('host-1'));
    expect(await coming).toEqual(object('host-1'));
  });

  it('hands over what arrived also to those who ask when the wait is over: a second wave of logins', async () => {
    const arrivals = createArrivals([{ moref: 'host-1' }, { moref: 'host-2' }]);
    arrivals.arrived(object('host-1'));
    expect(await arrivals.of('host-1', AbortSignal.abort())).toEqual(object('host-1'));
    expect(await arrivals.of('host-2', AbortSignal.abort())).toBeUndefined();
  });

  it('stops waiting when the signal aborts, when nothing more comes, and for a host nobody asked for', async () => {
    const arrivals = createArrivals([{ moref: 'host-1' }, { moref: 'host-2' }]);
    const patience = new AbortController();
    const given = arrivals.of('host-1', patience.signal);
    patience.abort();
    expect(await given).toBeUndefined();
    const ended = arrivals.of('host-2', waiting());
    arrivals.end();
    expect(await ended).toBeUndefined();
    expect(await arrivals.of('host-3', waiting())).toBeUndefined();
  });
});
