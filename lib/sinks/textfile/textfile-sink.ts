import { createWriteStream } from 'node:fs';
import { chmod, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { encodeExposition } from '../../metrics/encode-exposition.ts';
import { newestSamples } from '../../metrics/newest-samples.ts';
import { withLabels } from '../../metrics/with-labels.ts';
import type { Clock } from '../../platform/clock.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import type { DeliverOptions, Group, RunSeries, Sink } from '../sink.ts';
import { TextfileError } from './errors.ts';
import { fileNameOf } from './file-name.ts';

export interface TextfileSinkDeps {
  /** That node_exporter reads: `--collector.textfile.directory`. It has to be there. */
  readonly folder: string;
  /** So that a group that the configuration no longer names is forgotten. */
  readonly groups: {
    record(group: Group, options: { signal: AbortSignal }): Promise<unknown>;
  };
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  readonly randomId: () => string;
}

/** node_exporter runs as another user; the umask of this process may say otherwise. */
const MODE = 0o644;
/** Beginnings of files older than this are of runs that were killed. */
const LEFT_BEHIND_MS = 60 * 60 * 1_000;

/**
 * A file a group, for node_exporter's textfile collector: written beside its place and renamed, so that nobody reads half of
 * one. Series have the labels `job` and `instance`, because those of two targets may be equal but for them, and no times,
 * which node_exporter refuses.
 */
export function createTextfileSink(deps: TextfileSinkDeps): Sink {
  const { folder, groups, log } = deps;
  return {
    name: 'textfile',
    async deliver(series, options) {
      await groups.record(series.group, options).catch((error: unknown) => {
        options.signal.throwIfAborted();
        log.warn('a group in a file could not be recorded; its file stays when it is left out', {
          ...series.group,
          error: messageOf(error),
        });
      });
      return await writeGroup(series, deps, options).catch((error: unknown) => {
        options.signal.throwIfAborted();
        throw toTextfileError(error, folder);
      });
    },
    async forget(group) {
      return await unlink(join(folder, fileNameOf(group))).then(
        () => true,
        (error: unknown) => {
          if (codeOf(error) === 'ENOENT') return false;
          throw toTextfileError(error, folder);
        },
      );
    },
  };
}

async function writeGroup(
  { group, families }: RunSeries,
  { folder, clock, randomId }: TextfileSinkDeps,
  { signal, holdsLease }: DeliverOptions,
): Promise<'delivered' | 'lease-lost'> {
  const name = fileNameOf(group);
  const beginning = `.${name}.`;
  const written = join(folder, `${beginning}${randomId()}.tmp`);
  const text = encodeExposition(withLabels(newestSamples(families), { ...group }));
  try {
    // `flush`: else the file may be empty behind its new name when the power fails.
    await pipeline(
      Readable.from(text),
      createWriteStream(written, { flags: 'wx', mode: MODE, flush: true }),
      {
        signal,
      },
    );
    await chmod(written, MODE);
    if (!(await holdsLease())) return 'lease-lost';
    signal.throwIfAborted();
    await rename(written, join(folder, name));
  } finally {
    await rm(written, { force: true });
  }
  await removeLeftBehind(folder, beginning, clock.now());
  return 'delivered';
}

/** What a run that was killed left of this group. What cannot be deleted is tried again by the next run. */
async function removeLeftBehind(folder: string, beginning: string, now: number): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((one) => one.startsWith(beginning) && one.endsWith('.tmp'))) {
    const path = join(folder, name);
    const { mtimeMs = now } = (await stat(path).catch(() => undefined)) ?? {};
    if (now - mtimeMs > LEFT_BEHIND_MS) await rm(path, { force: true }).catch(() => undefined);
  }
}

function toTextfileError(cause: unknown, folder: string): TextfileError {
  switch (codeOf(cause)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new TextfileError(
        `${folder} is no folder. Create it, and start node_exporter with --collector.textfile.directory=${folder}.`,
        { code: 'missing', cause },
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new TextfileError(
        `${folder} is not writable for this user (${codeOf(cause)}). Run: chown ${process.getuid?.() ?? '<user>'} ${folder}`,
        { code: 'refused', cause },
      );
    case 'ENOSPC':
    case 'EDQUOT':
      return new TextfileError(`the disk of ${folder} is full. Free space there.`, { code: 'full', cause });
    default:
      return new TextfileError(`no file could be written in ${folder}: ${messageOf(cause)}`, {
        code: 'broken',
        cause,
      });
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';
