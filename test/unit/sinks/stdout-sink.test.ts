import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Family } from '../../../lib/metrics/family.ts';
import { createStdoutSink } from '../../../lib/sinks/stdout/stdout-sink.ts';

const hosts = (count: number): Family[] => [
  {
    definition: { name: 'x', help: 'x', labels: ['host'] },
    samples: Array.from({ length: count }, (_, n) => ({
      metric: 'x',
      labels: [`esx${n}.example.org`],
      value: n,
      timeMs: 7,
    })),
  },
];
const of = (instance: string, count = 1) => ({
  group: { job: 'sweep', instance },
  families: hosts(count),
  validUntil: 0,
});
const running = { signal: new AbortController().signal, holdsLease: async () => true };

/** Takes each write when `takes` says so. */
function createReader({ isReading = true } = {}) {
  let text = '';
  const output = new Writable({
    write(chunk, _encoding, done) {
      if (!isReading) return;
      text += String(chunk);
      setImmediate(done);
    },
  });
  return { output, text: () => text };
}

describe('the sink stdout', () => {
  it('prints the series of a group with its job and its instance, and their times', async () => {
    const { output, text } = createReader();
    expect(await createStdoutSink(output).deliver(of('vc01'), running)).toBe('delivered');
    expect(text()).toBe(
      '# HELP x x\n# TYPE x gauge\nx{job="sweep",instance="vc01",host="esx0.example.org"} 0 7\n',
    );
  });

  it('prints groups that come at once one after the other, and tears no line', async () => {
    const { output, text } = createReader();
    const sink = createStdoutSink(output);
    await Promise.all(['vc01', 'vc02', 'vc03'].map((instance) => sink.deliver(of(instance, 3_000), running)));
    const instances = Array.from(
      text().matchAll(/^x\{job="sweep",instance="(vc\d\d)",host="esx\d+\.example\.org"\} \d+ 7$/gm),
      ([, instance]) => instance,
    );
    expect(instances).toHaveLength(9_000);
    expect(instances).toEqual(instances.toSorted());
    expect(
      text()
        .split('\n')
        .filter((line) => !/^(?:x\{.*\} \d+ 7|# .*|)$/.test(line)),
    ).toEqual([]);
  });

  it('takes nothing where nobody reads, and does not hold more than one chunk', async () => {
    const { output } = createReader({ isReading: false });
    const sink = createStdoutSink(output);
    const ending = new AbortController();
    const first = sink.deliver(of('vc01', 10_000), { ...running, signal: ending.signal });
    const failed = expect(first).rejects.toThrow('the run is over');
    setImmediate(() => ending.abort(new Error('the run is over')));
    await failed;
    const held = output.writableLength;
    expect(held).toBeLessThan(200_000);
    await expect(sink.deliver(of('vc02', 10_000), running)).rejects.toThrow(/nobody reads standard output/);
    expect(output.writableLength).toBe(held);
  });

  it('prints nothing for a run that lost its lease', async () => {
    const { output, text } = createReader();
    const sink = createStdoutSink(output);
    expect(await sink.deliver(of('vc01'), { ...running, holdsLease: async () => false })).toBe('lease-lost');
    expect(text()).toBe('');
  });

  it('does not begin with a delivery whose run is over, and asks for no lease', async () => {
    const { output, text } = createReader();
    let asked = 0;
    const holdsLease = async () => {
      asked += 1;
      return true;
    };
    const over = AbortSignal.abort(new Error('the run is over'));
    await expect(createStdoutSink(output).deliver(of('vc01'), { signal: over, holdsLease })).rejects.toThrow(
      'the run is over',
    );
    expect([text(), asked]).toEqual(['', 0]);
    expect(createStdoutSink(output).name).toBe('stdout');
    expect(await createStdoutSink(output).forget({ job: 'j', instance: 'i' }, running)).toBe(false);
  });

  it('says that its reader has gone', async () => {
    const output = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) });
    output.on('error', () => undefined);
    await expect(createStdoutSink(output).deliver(of('vc01'), running)).rejects.toThrow(
      'standard output took no more: EPIPE',
    );
  });
});
