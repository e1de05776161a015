import { describe, expect, it } from 'vitest';
import { NO_LOGINS } from '../../../lib/logins/rules/credential-state.ts';
import { createWaveTurns } from '../../../lib/logins/trial/wave-turns.ts';

const TRIAL = { trial: true, isDomain: false, version: 'new' } as const;
const OPEN = { trial: false, isDomain: false, version: 'in-use' } as const;
const DOMAIN = { trial: true, isDomain: true, version: 'in-use' } as const;
const START = { sent: 0, left: 20, accepted: 0 };
const ends = (accepted: number, refused: number, possible = 0) => ({
  ...NO_LOGINS,
  accepted,
  refused,
  possible,
});
const running = () => ({ signal: new AbortController().signal });
const start = (allowance = 3) => {
  const turns = createWaveTurns({ allowanceOf: () => allowance });
  turns.join(20);
  return turns;
};

const REFUSED = {
  stop: {
    skip: 'suspended',
    why: 'no login was tried, because hosts refused the credential in this run. It is suspended; for the time of the next try, run: vsweep credential list',
  },
};
const UNANSWERED = {
  stop: {
    skip: 'suspended',
    why: 'no login was tried: a credential that no host has accepted yet is tried on a few hosts first, and the first 5 did not answer; the next run tries others',
  },
};

describe('the turns of the targets of a run', () => {
  it('give a trial to one target; the others wait for its verdict and go on in the same run', async () => {
    const turns = start();
    expect(await turns.take(TRIAL, START, running())).toMatchObject({ size: 1 });
    let come = 0;
    const others = [1, 2].map(async () => {
      const turn = await turns.take(TRIAL, START, running());
      come += 1;
      return turn;
    });
    await new Promise(setImmediate);
    expect(come).toBe(0);
    turns.count(ends(1, 0));
    turns.giveBack(1, 'asked');
    expect(await Promise.all(others)).toMatchObject([{ size: 1 }, { size: 1 }]);
    expect(await turns.take(TRIAL, { sent: 4, left: 20, accepted: 4 }, running())).toMatchObject({ size: 4 });
  });

  it('take a login whose end nobody knows out of the allowance', async () => {
    const turns = start(4);
    expect(await turns.take(OPEN, START, running())).toMatchObject({ size: 4 });
    turns.count(ends(0, 1, 2));
    turns.giveBack(4, 'asked');
    expect(await turns.take(OPEN, { ...START, sent: 4 }, running())).toMatchObject({ size: 1 });
    turns.count(ends(0, 0, 1));
    turns.giveBack(1, 'asked');
    expect(await turns.take(OPEN, { ...START, sent: 5 }, running())).toEqual({ stop: { skip: 'allowance' } });
  });

  it('put a trial off whose workers are lost, as if its hosts did not answer', async () => {
    const turns = start(20);
    for (let lost = 0; lost < 5; lost++) {
      expect(await turns.take(TRIAL, { ...START, sent: lost }, running())).toMatchObject({ size: 1 });
      turns.count(ends(0, 0, 1));
      turns.giveBack(1, 'asked');
    }
    expect(await turns.take(TRIAL, { ...START, sent: 5 }, running())).toEqual(UNANSWERED);
  });

  it('of a domain stop with the first login whose end nobody knows, until two hosts accepted its account', async () => {
    const turns = start(20);
    expect(await turns.take(DOMAIN, START, running())).toMatchObject({ size: 1 });
    turns.count(ends(0, 0, 1));
    turns.giveBack(1, 'asked');
    expect(await turns.take(DOMAIN, { ...START, sent: 1 }, running())).toMatchObject({
      stop: {
        skip: 'allowance',
        why: 'no login was tried: the first login of this run ended without an answer, so the account that all hosts share may have been refused; the next run tries again',
      },
    });
    turns.count(ends(1, 0));
    expect(await turns.take(DOMAIN, { ...START, sent: 1 }, running())).toHaveProperty('stop');
    turns.count(ends(1, 0));
    expect(await turns.take(DOMAIN, { ...START, sent: 1 }, running())).toMatchObject({ size: 20 });
  });

  it('of a domain go on one login at a time until enough hosts accepted in a row, and are open from then on', async () => {
    for (const [version, needed] of [
      ['in-use', 2],
      ['new', 3],
    ] as const) {
      const turns = start(20);
      const rules = { ...DOMAIN, version };
      const accepted = (count: number) => Array.from({ length: count }, () => ends(1, 0));
      const silent = { ...NO_LOGINS, silent: 1 };
      for (const one of [...accepted(needed - 1), ends(0, 1), ends(1, 0), silent, ...accepted(needed - 1)]) {
        expect(await turns.take(rules, START, running())).toEqual({ size: 1, opens: true });
        turns.count(one);
        turns.giveBack(1, 'asked');
      }
      for (const one of [ends(0, 2), ends(0, 0, 3)]) {
        expect(await turns.take(rules, START, running())).toEqual({ size: 20, opens: false });
        turns.count(one);
        turns.giveBack(20, 'asked');
      }
    }
  });

  it('of a domain are not open behind a login whose end nobody knows, also when others of its wave were accepted', async () => {
    const turns = start(20);
    await turns.take(DOMAIN, START, running());
    turns.count(ends(2, 0, 1));
    turns.giveBack(1, 'asked');
    expect(await turns.take(DOMAIN, START, running())).toMatchObject({ stop: { skip: 'allowance' } });
  });

  it('of a domain come to eight hosts of a kind at once when three were silent, and none of those whose worker never began', async () => {
    const turns = start(20);
    const next = { ...START, alike: 12 };
    for (let waves = 0; waves < 5; waves++) {
      expect(await turns.take(DOMAIN, next, running())).toEqual({ size: 1, opens: true });
      turns.giveBack(1, 'asked');
    }
    turns.count({ ...ends(1, 0), silent: 3 });
    const wide = { size: 8, opens: true };
    expect(await turns.take(DOMAIN, next, running())).toEqual(wide);
    turns.giveBack(8, 'asked');
    expect(await turns.take(DOMAIN, { ...next, alike: 2 }, running())).toEqual({ ...wide, size: 2 });
    turns.giveBack(2, 'asked');
    const ofHosts = start(20);
    ofHosts.count({ ...NO_LOGINS, silent: 3 });
    expect(await ofHosts.take(TRIAL, next, running())).toEqual({ size: 1, opens: true });
  });

  it('of a domain come to a doubtful host when every target is settled, and not after the signal', async () => {
    const turns = start(20);
    const doubtful = { ...START, isDoubtful: true };
    turns.await(['vc01', 'vc02']);
    let come = 0;
    const waiting = turns.take(DOMAIN, doubtful, running()).then((turn) => {
      come += 1;
      return turn;
    });
    const isStillWaiting = async () => {
      await new Promise(setImmediate);
      expect(come).toBe(0);
    };
    turns.settle('vc01');
    await isStillWaiting();
    turns.settle('vc03');
    expect(await turns.take(DOMAIN, START, running())).toEqual({ size: 1, opens: true });
    turns.giveBack(1, 'asked');
    await isStillWaiting();
    const settled = turns.settled(running()).then(() => (come += 10));
    turns.settle('vc02');
    expect(await waiting).toEqual({ size: 1, opens: true });
    await settled;
    turns.giveBack(1, 'asked');
    turns.await(['vc01']);
    const late = new AbortController();
    const behind = turns.take(DOMAIN, doubtful, late);
    const waited = turns.settled(late);
    late.abort();
    expect(await behind).toEqual({ stop: { skip: 'deadline' } });
    await waited;
  });

  it('of a domain go on behind one known host that refuses a value in use, and behind hosts that are down', async () => {
    const turns = start(20);
    for (let down = 0; down < 9; down++) {
      expect(await turns.take(DOMAIN, START, running())).toMatchObject({ size: 1 });
      turns.giveBack(1, 'asked');
    }
    const refusedBy = (known: number) => ({ ...ends(0, 1), refusedByProven: known });
    turns.count(refusedBy(1));
    expect(await turns.take(DOMAIN, START, running())).toMatchObject({ size: 1 });
    turns.count(refusedBy(1));
    turns.giveBack(1, 'asked');
    expect(await turns.take(DOMAIN, START, running())).toEqual(REFUSED);

    const ofNewValue = start(20);
    ofNewValue.count(refusedBy(1));
    expect(await ofNewValue.take({ ...DOMAIN, version: 'new' }, START, running())).toEqual(REFUSED);
  });

  it('of a domain have no allowance: what hosts cost its account counts on its record', async () => {
    const turns = start(3);
    turns.count(ends(2, 0));
    await turns.take(DOMAIN, { ...START, left: 1 }, running());
    turns.giveBack(1, 'asked');
    turns.count(ends(0, 9, 9));
    expect(await turns.take(DOMAIN, START, running())).toEqual({ size: 20, opens: false });
  });

  it('do not put off a target that waits for a login under way', async () => {
    const turns = start(20);
    for (let silent = 0; silent < 4; silent++) {
      await turns.take(TRIAL, START, running());
      turns.giveBack(1, 'asked');
    }
    await turns.take(TRIAL, START, running());
    const waiting = turns.take(TRIAL, START, running());
    turns.count(ends(1, 0));
    turns.giveBack(1, 'asked');
    expect(await waiting).toEqual({ size: 1, opens: false });
  });

  it('stop every target with the third refusal of the run', async () => {
    const turns = start();
    for (let target = 0; target < 3; target++) {
      expect(await turns.take(TRIAL, START, running())).toMatchObject({ size: 1 });
      turns.count(ends(0, 1));
      turns.giveBack(1, 'asked');
    }
    expect(await turns.take(TRIAL, START, running())).toEqual(REFUSED);
  });

  it('do not take a host that refused for one that did not answer', async () => {
    const turns = start(20);
    const ask = async (refused: number) => {
      expect(await turns.take(TRIAL, START, running())).toMatchObject({ size: 1 });
      turns.count(ends(0, refused));
      turns.giveBack(1, 'asked');
    };
    for (const refused of [1, 1, 0, 0, 0, 0]) await ask(refused);
    await ask(0);
    expect(await turns.take(TRIAL, START, running())).toEqual(UNANSWERED);
  });

  it('come to a target that has not asked yet also after the signal, where nobody has to be waited for', async () => {
    const late = { signal: AbortSignal.abort() };
    expect(await start().take(OPEN, START, late)).toEqual({ size: 3, opens: false });
    expect(await start().take(TRIAL, START, late)).toEqual({ size: 1, opens: true });
    expect(await start().take(OPEN, { ...START, sent: 1 }, late)).toEqual({ stop: { skip: 'deadline' } });
  });

  it('do not come after the signal, and a target that waits is told so', async () => {
    const turns = start();
    await turns.take(TRIAL, START, running());
    const late = new AbortController();
    const waiting = turns.take(TRIAL, START, late);
    late.abort();
    expect(await waiting).toEqual({ stop: { skip: 'deadline' } });
  });

  it('have the allowance of the hosts of all targets', async () => {
    const turns = createWaveTurns({ allowanceOf: (hosts) => hosts });
    turns.join(2);
    turns.join(5);
    expect(await turns.take(OPEN, START, running())).toEqual({ size: 7, opens: false });
  });

  it('share the allowance of a credential in use, and leave each target one', async () => {
    const turns = start(3);
    expect(await turns.take(OPEN, START, running())).toMatchObject({ size: 3 });
    expect(await turns.take(OPEN, START, running())).toMatchObject({ size: 1 });
    turns.count(ends(0, 3));
    turns.giveBack(3, 'asked');
    expect(await turns.take(OPEN, START, running())).toEqual({ stop: { skip: 'allowance' } });
  });

  it('are not used up by a target that did not ask', async () => {
    const turns = start();
    for (let target = 0; target < 6; target++) {
      expect(await turns.take(TRIAL, START, running())).toMatchObject({ size: 1 });
      turns.giveBack(1, 'unused');
    }
    for (let host = 0; host < 5; host++) {
      await turns.take(TRIAL, START, running());
      turns.giveBack(1, 'asked');
    }
    expect(await turns.take(TRIAL, START, running())).toEqual(UNANSWERED);
  });
});
