import fs, { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { lastAcknowledged, openAcknowledger } from '../../../lib/state/sqlite/acknowledged.ts';

describe('the note of what was acknowledged', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vsweep-notes-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is read back for its own file, and is 0 for any other', () => {
    using notes = openAcknowledger(folder);
    notes.note({ file: 'one', number: 7 });
    expect([lastAcknowledged(folder, 'one'), lastAcknowledged(folder, 'other')]).toEqual([7, 0]);
  });

  it('is that of the last transaction, though a process that was paused notes an earlier one', () => {
    using paused = openAcknowledger(folder, () => 0);
    using other = openAcknowledger(folder, () => 63);
    other.note({ file: 'one', number: 7 });
    paused.note({ file: 'one', number: 5 });
    expect(lastAcknowledged(folder, 'one')).toBe(7);
  });

  it('is done without where it cannot be written: the transaction is on the disk', () => {
    symlinkSync('/dev/full', join(folder, 'acknowledged'));
    using notes = openAcknowledger(folder);
    expect(() => notes.note({ file: 'one', number: 7 })).not.toThrow();
  });

  it('has a slot of 64 bytes for each of 64 processes, and its length from its first moment', () => {
    using notes = openAcknowledger(folder, () => 2);
    const path = join(folder, 'acknowledged');
    const empty = `${' '.repeat(63)}\n`;
    expect(readFileSync(path, 'latin1')).toBe(empty.repeat(64));
    notes.note({ file: 'one', number: 7 });
    expect(readFileSync(path, 'latin1')).toBe(`${empty.repeat(2)}${'one 7'.padEnd(63)}\n${empty.repeat(61)}`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('is 0 where it is gone, or holds no number that anybody wrote', () => {
    expect(lastAcknowledged(folder, 'one')).toBe(0);
    writeFileSync(join(folder, 'acknowledged'), 'one x\none 1e99\none 3.5\none\ntwo 8\n');
    expect(lastAcknowledged(folder, 'one')).toBe(0);
  });

  it('goes to the disk a second after it was made, with all that came meanwhile, and not after the end', async () => {
    const { fdatasync } = fs;
    vi.useFakeTimers();
    let synced = 0;
    fs.fdatasync = ((_descriptor: number, done: () => void) => {
      synced += 1;
      done();
    }) as typeof fdatasync;
    syncBuiltinESMExports();
    try {
      const notes = openAcknowledger(folder);
      const note = (number: number) => notes.note({ file: 'one', number });
      note(1);
      await vi.advanceTimersByTimeAsync(999);
      note(2);
      expect(synced).toBe(0);
      await vi.advanceTimersByTimeAsync(1);
      expect(synced).toBe(1);
      await vi.advanceTimersByTimeAsync(5_000);
      expect(synced).toBe(1);
      note(3);
      await vi.advanceTimersByTimeAsync(1_000);
      expect(synced).toBe(2);
      note(4);
      notes[Symbol.dispose]();
      await vi.advanceTimersByTimeAsync(5_000);
      expect([synced, vi.getTimerCount()]).toEqual([2, 0]);
    } finally {
      fs.fdatasync = fdatasync;
      syncBuiltinESMExports();
      vi.useRealTimers();
    }
  });
});
