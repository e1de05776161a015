import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
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

/** As https://sqlite.org/walformat.html has it: each sum goes on from the one before, over words of either order. */
function makeLog({
  pageSize,
  isLittle,
  frames,
  salts = [1, 2],
}: {
  pageSize: number;
  isLittle: boolean;
  /** Whether a transaction ends with it. */
  frames: readonly boolean[];
  salts?: readonly [number, number];
}): Buffer {
  let sums = [0, 0] as const;
  const addSums = (bytes: Buffer) => {
    let [one, two]: readonly [number, number] = sums;
    const word = (at: number) => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
    for (let at = 0; at < bytes.length; at += 8) {
      one = (one + word(at) + two) % 2 ** 32;
      two = (two + word(at + 4) + one) % 2 ** 32;
    }
    sums = [one, two] as never;
    return wordsOf(one, two);
  };
  const header = wordsOf(isLittle ? 0x377f0682 : 0x377f0683, 3_007_000, pageSize, 0, ...salts);
  const made = [header, addSums(header)];
  frames.forEach((isEnd, index) => {
    const start = wordsOf(index + 1, isEnd ? index + 1 : 0);
    const page = Buffer.alloc(pageSize, index + 1);
    addSums(start);
    made.push(start, wordsOf(...salts), addSums(page), page);
  });
  return Buffer.concat(made);
}

function wordsOf(...words: readonly number[]): Buffer {
  const bytes = Buffer.alloc(words.length * 4);
  for (const [index, word] of words.entries()) bytes.writeUInt32BE(word, index * 4);
  return bytes;
}

describe('a log of either byte order and of any size of a page', () => {
  const pageSize = fc.constantFrom(512, 1_024, 65_536);
  const log = fc.record({
    pageSize,
    isLittle: fc.boolean(),
    frames: fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }),
  });
  const look = async (bytes: Buffer) => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'vsweep-test-'));
    const path = join(folder.path, 'log');
    await writeFile(path, bytes);
    return damageOfLog(path)?.replace(path, 'PATH');
  };
  const flip = (bytes: Buffer, at: number, bit: number) => {
    const flipped = Buffer.from(bytes);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
    return flipped;
  };
  const bit = fc.integer({ min: 0, max: 7 });

  it('is whole as SQLite writes it, wherever it was cut off', async () => {
    await fc.assert(
      fc.asyncProperty(log, fc.nat(), async (of, cut) => {
        const bytes = makeLog(of);
        expect(await look(bytes.subarray(0, bytes.length - (cut % (bytes.length + 1))))).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });

  it('is damaged where a page changed and a transaction ends behind it before another frame', async () => {
    await fc.assert(
      fc.asyncProperty(log, fc.nat(), fc.nat(), bit, async (of, nth, place, one) => {
        const { frames } = of;
        const damaged = nth % frames.length;
        const at = 32 + damaged * (24 + of.pageSize) + 24 + (place % of.pageSize);
        const isHidden = frames.some(
          (isEnd, index) => isEnd && index >= damaged && index + 1 < frames.length,
        );
        expect(await look(flip(makeLog(of), at, one))).toBe(
          isHidden
            ? `its log PATH is damaged at frame ${damaged + 1}, with transactions after it`
            : undefined,
        );
      }),
      { numRuns: 100 },
    );
  });

  it('is damaged whatever changed in its header', async () => {
    await fc.assert(
      fc.asyncProperty(log, fc.integer({ min: 0, max: 31 }), bit, async (of, at, one) => {
        expect(await look(flip(makeLog(of), at, one))).toBe('the header of its log PATH is damaged');
      }),
      { numRuns: 100, examples: [[{ pageSize: 512, isLittle: true, frames: [true] }, 3, 0]] },
    );
  });

  it.each([0, 256, 513, 768, 131_072])('is damaged where its pages are of %i bytes', async (size) => {
    const bytes = makeLog({ pageSize: size, isLittle: true, frames: [] });
    expect(await look(bytes)).toBe('the header of its log PATH is damaged');
  });

  it('is none where nothing of it reached the disk, and damaged where its header alone did not', async () => {
    expect(await look(Buffer.alloc(32))).toBeUndefined();
    expect(await look(Buffer.alloc(5_000))).toBeUndefined();
    const header = 'the header of its log PATH is damaged';
    const bytes = makeLog({ pageSize: 512, isLittle: true, frames: [true] });
    expect(await look(Buffer.concat([Buffer.alloc(32), bytes.subarray(32)]))).toBe(header);
    const last = Buffer.alloc(5_000);
    last[4_999] = 1;
    expect(await look(last)).toBe(header);
  });

  it('may have frames of a log of before behind its own', async () => {
    const of = { pageSize: 512, isLittle: true };
    const own = makeLog({ ...of, frames: [true, true] });
    const before = makeLog({ ...of, frames: [true, true, true, true, true], salts: [7, 8] });
    expect(await look(Buffer.concat([own, before.subarray(own.length)]))).toBeUndefined();
  });

  it('is no log where there is none', () => {
    expect(damageOfLog(join(tmpdir(), 'vsweep-no-such-log'))).toBeUndefined();
    expect(() => damageOfLog(join(import.meta.filename, 'log'))).toThrow('ENOTDIR');
  });
});
