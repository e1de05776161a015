import { describe, expect, it } from 'vitest';
import { RECORD_MS } from '../../../lib/logins/trial/keep-record.ts';
import { createLineLog } from '../../../lib/platform/log.ts';
import { untilAborted } from '../../../lib/platform/until-aborted.ts';
import { failed, type Outcome, ok, skipped } from '../../../lib/sweep/outcome.ts';
import { GATE_SHUT, type Probed } from '../../../lib/sweep/worker/probe-host.ts';
import { type DialRecords, probeWithCare } from '../../../lib/sweep/worker/probe-with-care.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { batchHost, T0 } from './builders.ts';

const ENDS_AT = T0 + 40_000;
const ACCEPTED: Probed = { outcome: ok, login: 'accepted' };
const down = () => Promise.reject(new Error('no table'));

async function probe(
  care: 'slice' | 'alone',
  work: { probed?: Probed | Error; records?: Partial<DialRecords>; open?: boolean; isLate?: boolean } = {},
) {
  const events: unknown[] = [];
  const lines: string[] = [];
  const clock = createManualClock(T0);
  const gate = { open: work.open ?? true };
  const records: DialRecords = {
    beginDial: async (user, address, mark) => void events.push(['mark', user, address, mark]),
    endDial: async (user, address, { forgetFlights }) =>
      void events.push(['erase', user, address, { forgetFlights }]),
    ...work.records,
  };
  const result = probeWithCare(
    batchHost(1),
    { care, username: 'root', gate, endsAt: ENDS_AT },
    { clock, log: createLineLog({ write: (line) => lines.push(line), level: 'warn' }), records },
    async () => {
      events.push('probe');
      const { probed = ACCEPTED } = work;
      if (probed instanceof Error) throw probed;
      return probed;
    },
  );
  if (work.isLate) {
    await new Promise(setImmediate);
    clock.advance(RECORD_MS);
  }
  const probed = await result.catch((error: unknown) => error);
  return { events, gate, probed, lines };
}

const erased = (forgetFlights: boolean) => ['erase', 'root', '10.0.0.1', { forgetFlights }];

describe('a host that is dialled with care', () => {
  it('is marked before it is dialled, until the end of its worker, and its mark is erased after it', async () => {
    const { events, probed } = await probe('slice');
    expect(events).toEqual([['mark', 'root', '10.0.0.1', { until: ENDS_AT }], 'probe', erased(true)]);
    expect(probed).toBe(ACCEPTED);
  });

  it('is marked as one that was suspect before, when it is asked alone', async () => {
    const { events } = await probe('alone');
    expect(events[0]).toEqual(['mark', 'root', '10.0.0.1', { until: ENDS_AT, alone: true }]);
  });

  it('keeps its mark when it was asked alone and answered no login', async () => {
    for (const outcome of [failed('timeout'), failed('connection-refused'), failed('hostkey')]) {
      expect((await probe('alone', { probed: { outcome } })).events).toHaveLength(2);
      expect((await probe('slice', { probed: { outcome } })).events).toHaveLength(3);
    }
    const refused = { outcome: failed('auth'), login: 'refused' } as const;
    expect((await probe('alone', { probed: refused })).events.at(-1)).toEqual(erased(true));
  });

  it.each<[string, Outcome, boolean]>([
    ['answered', ok, true],
    ['is down', failed('connection-refused'), true],
    ['hangs', failed('timeout'), true],
    ['refused the login', failed('auth'), true],
    ['waited too long for its turn', failed('deadline'), false],
    ['met a fault of ours', failed('worker'), false],
    ['has no known key', skipped('hostkey-unknown'), false],
    ['was not asked for want of the table', skipped('state'), false],
  ])(
    '%s: the flights that were lost with it are forgotten when it was really dialled',
    async (_what, outcome, forgotten) => {
      const { events } = await probe('slice', { probed: { outcome } });
      expect(events.at(-1)).toEqual(erased(forgotten));
    },
  );

  it('is not dialled when its mark cannot be written, and a mark that may have landed is erased', async () => {
    const { events, gate, probed } = await probe('slice', { records: { beginDial: down } });
    expect(events).toEqual([erased(false)]);
    expect(probed).toEqual({ outcome: skipped('state'), detail: GATE_SHUT });
    expect(gate.open).toBe(false);
  });

  it('is named when its mark is not written in time, and is not dialled', async () => {
    const records: Partial<DialRecords> = {
      beginDial: (_user, _address, _mark, { signal }) => untilAborted(new Promise(() => undefined), signal),
    };
    const { events, lines } = await probe('slice', { records, isLate: true });
    expect(events).toEqual([erased(false)]);
    expect(lines).toEqual([expect.stringMatching(/^error .*marking that esx1\.example\.org is dialled/)]);
  });

  it('keeps the mark that it had, when it was to be asked alone and the new one cannot be written', async () => {
    const { events, probed } = await probe('alone', { records: { beginDial: down } });
    expect(events).toEqual([]);
    expect(probed).toMatchObject({ outcome: skipped('state') });
  });

  it('is not dialled, nor marked, by a worker that starts no further login', async () => {
    const { events, probed } = await probe('slice', { open: false });
    expect(events).toEqual([]);
    expect(probed).toEqual({ outcome: skipped('state'), detail: GATE_SHUT });
  });

  it('has its outcome although its mark cannot be erased, and no further login is started', async () => {
    const { gate, probed } = await probe('slice', { records: { endDial: down } });
    expect(probed).toBe(ACCEPTED);
    expect(gate.open).toBe(false);
  });

  it('leaves the mark of a fault of ours, which may be a host that ends workers', async () => {
    const { events, probed } = await probe('slice', { probed: new Error('a fault of ours') });
    expect(events).toHaveLength(2);
    expect(probed).toEqual(new Error('a fault of ours'));
  });
});
