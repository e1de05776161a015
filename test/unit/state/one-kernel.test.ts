import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Kernel, markKernel, thisKernel } from '../../../lib/state/sqlite/one-kernel.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';

const NOW = Date.UTC(2026, 10, 25, 12);
const MINUTE_MS = 60_000;
const HERE: Kernel = { bootId: 'here', bootedAt: NOW - 60 * MINUTE_MS };

let folder = '';
let marks = '';
let clock: ManualClock;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vsweep-kernel-'));
  marks = join(folder, 'open');
  clock = createManualClock(NOW);
});
afterEach(() => rmSync(folder, { recursive: true }));

const mark = (kernel = HERE) => markKernel(folder, { kernel, clock, randomId: () => '1' });
function leave(name: string, touchedAt: number): void {
  mkdirSync(marks, { recursive: true });
  writeFileSync(join(marks, name), '');
  utimesSync(join(marks, name), touchedAt / 1_000, touchedAt / 1_000);
}

describe('the mark of a process that has the state open', () => {
  it('is touched every 30 s, so that another kernel knows it lives, and goes with it', async () => {
    const path = join(marks, 'here.1');
    const touchedAt = () => statSync(path).mtimeMs;
    {
      using _mark = mark();
      expect(touchedAt()).toBe(NOW);
      for (let times = 1; times <= 3; times += 1) {
        await expect.poll(() => clock.nextInMs()).toBe(30_000);
        clock.advance(30_000);
        await expect.poll(touchedAt).toBe(NOW + times * 30_000);
      }
    }
    expect(readdirSync(marks)).toEqual([]);
    expect(clock.sleepers()).toBe(0);
  });

  it('is for its owner alone, as its folder is', () => {
    using _mark = mark();
    expect([marks, join(marks, 'here.1')].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o600]);
  });

  it('stands again after the next 30 s where somebody removed it with its folder, and may be gone at its end', async () => {
    {
      using _mark = mark();
      await expect.poll(() => clock.nextInMs()).toBe(30_000);
      rmSync(marks, { recursive: true });
      clock.advance(30_000);
      await expect.poll(() => readdirSync(folder)).toEqual(['open']);
      expect(statSync(marks).mode & 0o777).toBe(0o700);
      await expect.poll(() => readdirSync(marks)).toEqual(['here.1']);
      rmSync(marks, { recursive: true });
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is tried again after 30 s where it could not be touched', async () => {
    using _mark = mark();
    await expect.poll(() => clock.nextInMs()).toBe(30_000);
    rmSync(marks, { recursive: true });
    writeFileSync(marks, '');
    clock.advance(30_000);
    await expect.poll(() => clock.nextInMs()).toBe(30_000);
    rmSync(marks);
    clock.advance(30_000);
    await expect.poll(() => readdirSync(folder)).toEqual(['open']);
    await expect.poll(() => readdirSync(marks)).toEqual(['here.1']);
  });

  it('is not made where the system does not tell which boot this is', () => {
    const none = mark({ ...HERE, bootId: undefined });
    none[Symbol.dispose]();
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('the mark of another process', () => {
  it('of another kernel is the reason to refuse, with what to do, and stays', () => {
    leave('elsewhere.1', NOW - 2 * MINUTE_MS);
    expect(mark).toThrow(
      expect.objectContaining({
        code: 'refused',
        message:
          `The state in ${folder} is in use by a process under another kernel (such as a container in a virtual machine), ` +
          'since 2026-11-25T11:58:00.000Z or before. Run this command there (docker exec <container> vsweep …), or end that ' +
          'process. If it was killed, wait two minutes.',
      }),
    );
    expect(readdirSync(marks)).toEqual(['elsewhere.1']);
    expect(clock.sleepers()).toBe(0);
  });

  it.each([
    ['two minutes ahead of this clock', NOW + 2 * MINUTE_MS],
    ['as old as this kernel', NOW - MINUTE_MS, { ...HERE, bootedAt: NOW - MINUTE_MS }],
  ])('counts while it is %s', (_what, touchedAt, kernel: Kernel = HERE) => {
    leave('elsewhere.1', touchedAt);
    expect(() => mark(kernel)).toThrow('another kernel');
  });

  it.each([
    ['two minutes without a touch', NOW - 2 * MINUTE_MS - 1_000],
    ['two minutes ahead of this clock', NOW + 2 * MINUTE_MS + 1_000],
    ['a touch before this kernel booted', NOW - MINUTE_MS, { ...HERE, bootedAt: NOW - 30_000 }],
  ])('is removed after %s: its process is dead', (_what, touchedAt, kernel: Kernel = HERE) => {
    leave('elsewhere.1', touchedAt);
    leave('here.2', touchedAt);
    using _mark = mark(kernel);
    expect(readdirSync(marks)).toEqual(['here.1']);
  });

  it('of the same kernel stands beside ours; one whose boot only begins with the same letters is another', () => {
    leave('here.2', NOW - MINUTE_MS);
    {
      using _mark = mark();
      expect(readdirSync(marks)).toEqual(['here.1', 'here.2']);
    }
    expect(readdirSync(marks)).toEqual(['here.2']);
    leave('here2.1', NOW);
    expect(mark).toThrow('another kernel');
  });
});

it('this kernel is named by the boot of the system, and its time', () => {
  const { bootId, bootedAt } = thisKernel();
  expect(bootId).toBe(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  const seconds = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
  expect(Math.abs(Date.now() - seconds * 1_000 - bootedAt)).toBeLessThan(5_000);
});
