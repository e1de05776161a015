import { describe, expect, it } from 'vitest';
import { createLineLog } from '../../../lib/platform/log.ts';
import { untilAborted } from '../../../lib/platform/until-aborted.ts';
import { StateError } from '../../../lib/state/errors.ts';
import { giveBackTurn, type KeepTurnDeps, keepTurn, SSH_TURN } from '../../../lib/sweep/run/kept-turn.ts';
import { createManualClock } from '../../support/manual-clock.ts';

type Runs = KeepTurnDeps['runs'];
type Does<T> = (options: { signal: AbortSignal }) => Promise<T>;
const away = () => Promise.reject(new StateError('no table', { code: 'unavailable' }));
const never = ({ signal }: { signal: AbortSignal }) =>
  untilAborted(Promise.withResolvers<never>().promise, signal);
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A turn of a minute whose table does as it is told; `asked` are the confirmations and the give-backs. */
function start(changes: { confirm?: Does<boolean>; release?: Does<void> } = {}) {
  const clock = createManualClock();
  const lines: string[] = [];
  const asked: unknown[] = [];
  const does = { confirm: async () => true, release: async () => undefined, ...changes } as {
    confirm: Does<boolean>;
    release: Does<void>;
  };
  const runs: Runs = {
    confirmLease: (sweep, target, holder, { endsAt, signal }) => {
      asked.push([sweep, target, holder, (endsAt ?? 0) - clock.now()]);
      return does.confirm({ signal });
    },
    releaseLease: (sweep, target, holder, options) => {
      asked.push([sweep, target, holder, 'given back']);
      return does.release(options);
    },
  };
  const deps = { runs, clock, log: createLineLog({ level: 'info', write: (line) => lines.push(line) }) };
  const of = { runId: 'run-1', target: 'vc1' };
  return {
    clock,
    lines,
    asked,
    does,
    deps,
    of,
    keep: () => keepTurn({ ...of, endsAt: clock.now() + 60_000 }, deps),
  };
}
const CONFIRMED = [SSH_TURN, 'vc1', 'run-1', 60_000];
const GIVEN_BACK = [SSH_TURN, 'vc1', 'run-1', 'given back'];

describe('a turn that is kept', () => {
  it('is confirmed for another minute every 15 s, until it is given back', async () => {
    const { clock, asked, keep } = start();
    const turn = keep();
    for (const _ of [1, 2]) {
      clock.advance(14_999);
      await settled();
      clock.advance(1);
      await settled();
    }
    expect(asked).toEqual([CONFIRMED, CONFIRMED]);
    await turn.release();
    clock.advance(60_000);
    await settled();
    expect(asked).toEqual([CONFIRMED, CONFIRMED, GIVEN_BACK]);
  });

  it('that another sweep took is lost for good, and the log says so once', async () => {
    const { clock, lines, asked, does, keep } = start({ confirm: async () => false });
    const turn = keep();
    expect(await Promise.all([turn.confirm(), turn.confirm()])).toEqual([false, false]);
    does.confirm = async () => true;
    expect(await turn.confirm()).toBe(false);
    clock.advance(60_000);
    await settled();
    await settled();
    expect(asked).toEqual([CONFIRMED, CONFIRMED]);
    expect(lines).toEqual([
      'warn  another sweep took the turn of asking hosts by ssh; this run asks no more target="vc1"',
    ]);
  });

  it('is held while the table is away, until 10 s before the end that was confirmed last', async () => {
    const { clock, lines, does, keep } = start();
    const turn = keep();
    clock.advance(5_000);
    expect(await turn.confirm()).toBe(true);
    does.confirm = away;
    clock.advance(49_999);
    expect(await turn.confirm()).toBe(true);
    clock.advance(1);
    expect(await turn.confirm()).toBe(false);
    expect(lines.at(-1)).toBe(
      'warn  the turn of asking hosts by ssh could not be confirmed target="vc1" error="no table"',
    );
    // It is not lost: the table may say that it is still held.
    does.confirm = async () => true;
    expect(await turn.confirm()).toBe(true);
    await turn.release();
  });

  it('is held where the table does not answer within 2 s, and not where its answer makes no sense', async () => {
    const { clock, lines, does, keep } = start({ confirm: never });
    const turn = keep();
    const confirming = turn.confirm();
    clock.advance(2_000);
    expect(await confirming).toBe(true);
    expect(lines[0]).toContain('confirming the turn of asking hosts');
    does.confirm = () => Promise.reject(new StateError('odd', { code: 'malformed' }));
    expect(await turn.confirm()).toBe(false);
    await turn.release();
  });
});

describe('a turn that is given back', () => {
  it('is given back once more where that failed, and the log says where both did', async () => {
    const { deps, of, asked, lines } = start({ release: away });
    await giveBackTurn(of, deps);
    expect(asked).toEqual([GIVEN_BACK, GIVEN_BACK]);
    expect(lines).toEqual([
      'warn  the turn of asking hosts by ssh could not be given back; it ends within a minute target="vc1" error="no table"',
    ]);
  });

  it('takes no longer than 2 s for each of two tries', async () => {
    const { clock, deps, of, lines } = start({ release: never });
    const giving = giveBackTurn(of, deps);
    clock.advance(2_000);
    await settled();
    clock.advance(2_000);
    await giving;
    expect(lines[0]).toContain('giving back the turn of asking hosts');
  });
});
