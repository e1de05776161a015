import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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
});
