import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { parseExposition } from '../../support/exposition.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import { expectDocumented, NO_RESULT } from '../sweep/faults/expect-documented.ts';
import { type SmallFleet, type SmallFleetOptions, startSmallFleet } from '../sweep/small-fleet.ts';
import { vsweep } from './vsweep-command.ts';
import { start } from './vsweep-process.ts';

const SERVED = { more: 'exporter: { listen: "127.0.0.1:0" }\n' };

/** `vsweep run` on a small fleet, and where it serves. */
async function startRun(
  options: SmallFleetOptions,
  before: (fleet: SmallFleet) => Promise<unknown> = async () => undefined,
) {
  const fleet = await startSmallFleet({ every: '1m', ...options, ...SERVED });
  await before(fleet);
  const { child, ended } = start(fleet.folder, 'run');
  const problems: string[] = [];
  const url = Promise.withResolvers<string>();
  if (child.stderr === null) throw new Error('it has no standard error');
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (/problem:| error /.test(line)) problems.push(line);
    const [, found] = /serving (http\S+)/.exec(line) ?? [];
    if (found !== undefined) url.resolve(found);
  });
  return {
    fleet,
    url: await url.promise,
    problems: () => problems,
    async stop(signal: NodeJS.Signals = 'SIGTERM') {
      child.kill(signal);
      return (await ended).exitCode;
    },
    /** Tells it to stop, and once more after so long: how it ended. */
    async stopTwice(afterMs: number) {
      child.kill('SIGTERM');
      await setTimeout(afterMs);
      child.kill('SIGTERM');
      return await ended;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
      await fleet[Symbol.asyncDispose]();
    },
  };
}

describe('vsweep run', () => {
  it('serves what it found, says that it is alive, and leaves nothing open when it is told to end', async () => {
    await using run = await startRun({ hosts: [{}, {}] });
    const get = async (path: string) => (await fetch(new URL(path, run.url))).text();
    expect(await get('healthz')).toBe('ok\n');
    const series = await pollUntil(
      'the first result is served',
      async () => {
        const found = parseExposition(await get('metrics'));
        // What the process tells of itself is there at once.
        return found.some(({ name }) => name === 'esxi_ssh_up') ? found : undefined;
      },
      { timeoutMs: 60_000 },
    );
    expect(series.filter(({ name }) => name === 'esxi_ssh_up').map(({ value }) => value)).toEqual([1, 1]);
    expect(await get('')).toContain('<script type="module" src="page.js">');
    const [sweep] = await pollUntil(
      'the page tells of the run',
      async () => {
        const { sweeps } = JSON.parse(await get('page.json'));
        return sweeps.length > 0 ? sweeps : undefined;
      },
      { timeoutMs: 60_000 },
    );
    // Two hosts, each on two paths.
    expect(sweep).toMatchObject({
      sweep: 'services',
      target: 'vc1',
      everyMs: 60_000,
      runs: [{ status: 'swept', ok: 4, failed: 0, skipped: 0 }],
    });
    expect(await run.stop()).toBe(0);
    expect(run.fleet.vcenter.sessions()).toBe(0);
  });

  it('leaves no session and no connection when it is told to end in the middle of a sweep', async () => {
    const timeouts = 'connectSeconds: 1, loginSeconds: 1, commandSeconds: 10';
    await using run = await startRun({ hosts: [{ commandDelayMs: 20_000 }], timeouts });
    await pollUntil('a command is under way', () => run.fleet.esxi.connections() === 1 || undefined, {
      timeoutMs: 60_000,
      everyMs: 10,
    });
    const stoppedAt = performance.now();
    const exitCode = await run.stop();
    expectDocumented('SIGTERM in the middle of a run', { ...NO_RESULT, told: run.problems(), exitCode });
    expect(performance.now() - stoppedAt).toBeLessThan(15_000);
    expect(run.fleet.vcenter.sessions()).toBe(0);
    await pollUntil('its connections are closed', () => run.fleet.esxi.connections() === 0 || undefined, {
      timeoutMs: 60_000,
    });
  });

  it.each([
    ['takes a stop that comes twice, from a supervisor and a launcher that hands it on, as one', 50, true],
    ['ends at once when it is told again a second later', 1_300, false],
  ] as const)('%s', async (_name, afterMs, isInOrder) => {
    const timeouts = 'connectSeconds: 1, loginSeconds: 10, commandSeconds: 1';
    await using run = await startRun({ hosts: [{ loginDelayMs: 3_000 }], timeouts, every: '1m' });
    const { esxi, addressOf, vcenter } = run.fleet;
    await pollUntil(
      'the host has the password',
      () => esxi.authRequests(addressOf(1)).some(isAnswer) || undefined,
      { timeoutMs: 60_000, everyMs: 10 },
    );
    const { exitCode } = await run.stopTwice(afterMs);
    expect(exitCode === 0).toBe(isInOrder);
    expect(vcenter.sessions() === 0).toBe(isInOrder);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'leaves no host on the blacklist that answers its login after %s, and the next run is whole',
    async (signal) => {
      const hosts = Array.from({ length: 3 }, () => ({ loginDelayMs: 1_500 }));
      const timeouts = 'connectSeconds: 1, loginSeconds: 4, commandSeconds: 1';
      await using run = await startRun({ hosts, timeouts, every: '1m' }, (fleet) => fleet.warmUp());
      const { fleet } = run;
      const answers = () =>
        hosts.flatMap((_, index) => fleet.esxi.authRequests(fleet.addressOf(index + 1))).filter(isAnswer);
      const before = answers().length;
      await pollUntil(
        'every host has the password',
        () => answers().length === before + hosts.length || undefined,
        { timeoutMs: 60_000, everyMs: 10 },
      );
      const exitCode = await run.stop(signal);
      expectDocumented('SIGTERM in the middle of a run', { ...NO_RESULT, told: run.problems(), exitCode });
      expect((await vsweep(fleet.folder, 'blacklist', 'list')).output).not.toContain('127.0.70.');
      const ends = (await fleet.sweep()).targets.flatMap((target) => target.hosts);
      expect(ends.map(({ outcomes }) => outcomes.ssh?.kind)).toEqual(['ok', 'ok', 'ok']);
    },
  );

  it('holds a login against no host that is cut off without an answer, but for one possible refusal', async () => {
    const hosts = [{ loginDelayMs: 60_000 }, {}];
    const timeouts = 'connectSeconds: 1, loginSeconds: 50, commandSeconds: 1';
    await using run = await startRun({ hosts, timeouts, every: '1m' });
    const { fleet } = run;
    await pollUntil(
      'the host has the password',
      () => fleet.esxi.authRequests(fleet.addressOf(1)).some(isAnswer) || undefined,
      { timeoutMs: 60_000, everyMs: 10 },
    );
    const stoppedAt = performance.now();
    expect(await run.stop()).toBe(0);
    expect(performance.now() - stoppedAt).toBeGreaterThan(4_000);
    expect(performance.now() - stoppedAt).toBeLessThan(25_000);
    const { output } = await vsweep(fleet.folder, 'blacklist', 'list');
    expect(output).toMatch(/127\.0\.70\.1 +\S+ +1 /);
  });
});

const isAnswer = (request: string) => request === 'answer';
