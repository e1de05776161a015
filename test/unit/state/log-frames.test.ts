import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { damageOfLog } from '../../../lib/state/sqlite/log-frames.ts';

/** https://sqlite.org/walformat.html */
const FRAME_BYTES = 24 + 4_096;
const frameAt = (number: number) => 32 + (number - 1) * FRAME_BYTES;

/** A log of SQLite with a transaction a row, longer than what is read of it at once. */
async function longLog(folder: string): Promise<Buffer> {
  const file = join(folder, 'made.sqlite');
  const db = new DatabaseSync(file);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (n INTEGER, text TEXT)');
  const insert = db.prepare('INSERT INTO t VALUES (?, ?)');
  for (let n = 0; n < 300; n += 1) insert.run(n, 'x'.repeat(1_000));
  const bytes = await readFile(`${file}-wal`);
  db.close();
  expect(bytes.length).toBeGreaterThan(1_200_000);
  return bytes;
}

describe('a log of more than a megabyte', () => {
  it('is whole to its end, and a break is found wherever transactions stand behind it', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'vsweep-test-'));
    const bytes = await longLog(folder.path);
    const path = join(folder.path, 'log');
    const frames = (bytes.length - 32) / FRAME_BYTES;
    await writeFile(path, bytes);
    expect(damageOfLog(path)).toBeUndefined();
    for (const number of [1, 100, 254, 255, 256, 290]) {
      const damaged = Buffer.from(bytes);
      const at = frameAt(number) + 2_000;
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      await writeFile(path, damaged);
      expect(damageOfLog(path)).toBe(
        `its log ${path} is damaged at frame ${number}, with transactions after it`,
      );
    }
    // A torn tail was never acknowledged.
    const torn = Buffer.from(bytes);
    torn[frameAt(frames) + 2_000] = 1;
    await writeFile(path, torn);
    expect(damageOfLog(path)).toBeUndefined();
  });
});
