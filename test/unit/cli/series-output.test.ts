import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSeriesOutput } from '../../../lib/cli/series-output.ts';
import { createStdoutSink } from '../../../lib/sinks/stdout/stdout-sink.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';

const SERIES = {
  group: { job: 'sweep', instance: 'vc01' },
  families: [
    {
      definition: { name: 'x', help: 'x', labels: [] },
      samples: [{ metric: 'x', labels: [], value: 1, timeMs: 7 }],
    },
  ],
  validUntil: 0,
};
const running = { signal: new AbortController().signal, holdsLease: async () => true };

describe('openSeriesOutput', () => {
  it('writes one delivery after the other to a file', async () => {
    await using folder = await createTemporaryFolder('series');
    const path = join(folder.path, 'series');
    await using file = await open(path, 'w');
    const sink = createStdoutSink(openSeriesOutput(file.fd));
    expect([await sink.deliver(SERIES, running), await sink.deliver(SERIES, running)]).toEqual([
      'delivered',
      'delivered',
    ]);
    expect((await readFile(path, 'utf8')).match(/^x\{.*\} 1 7$/gm)).toHaveLength(2);
  });

  it('fails each delivery to a full disk, and ends nothing else', async () => {
    await using file = await open('/dev/full', 'w');
    const sink = createStdoutSink(openSeriesOutput(file.fd));
    for (const _ of ['first', 'second'])
      await expect(sink.deliver(SERIES, running)).rejects.toThrow(/standard output took no more: ENOSPC/);
  });
});
