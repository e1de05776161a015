import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMessageBytes } from '../../../../lib/sinks/http/message-bytes.ts';
import {
  encodeLabel,
  putMetadata,
  putSeries,
  seriesLength,
} from '../../../../lib/sinks/remote-write/write-request.ts';
import { decodeWriteRequest } from './decode.ts';

const anyText = fc.string({ unit: 'grapheme', maxLength: 200 });
const series = fc.record({
  labels: fc.array(fc.record({ name: anyText, value: anyText }), { maxLength: 5 }),
  samples: fc.array(fc.record({ value: fc.double({ noNaN: true }), timestamp: fc.maxSafeInteger() }), {
    maxLength: 5,
  }),
});

function encode(
  all: readonly {
    labels: readonly { name: string; value: string }[];
    samples: readonly { value: number; timestamp: number }[];
  }[],
) {
  // As small as it gets, so that it has to grow.
  const into = createMessageBytes(1);
  for (const { labels, samples } of all) {
    const encoded = labels.map(({ name, value }) => {
      const label = createMessageBytes(1);
      encodeLabel(label, name, value);
      return label;
    });
    const points = samples.map(({ value, timestamp }) => ({ value, timeMs: timestamp }));
    const before = into.length;
    putSeries(into, encoded, points);
    expect(into.length - before).toBe(seriesLength(encoded, points));
  }
  return into.bytes.subarray(0, into.length);
}

describe('the messages of remote write', () => {
  it('are read by another implementation of protobuf as they were meant, and have the length that was foretold', () => {
    fc.assert(
      fc.property(fc.array(series, { maxLength: 5 }), (all) => {
        expect(decodeWriteRequest(encode(all)).timeseries).toEqual(all);
      }),
    );
  });

  it('have the bytes of the specification', () => {
    const message = encode([
      {
        labels: [
          { name: '__name__', value: 'up' },
          { name: 'job', value: 'a' },
        ],
        samples: [{ value: 1, timestamp: 1_767_225_600_000 }],
      },
    ]);
    expect(message.toString('hex')).toBe(
      '0a2c' +
        `0a0e0a08${Buffer.from('__name__').toString('hex')}1202${Buffer.from('up').toString('hex')}` +
        `0a080a03${Buffer.from('job').toString('hex')}1201${Buffer.from('a').toString('hex')}` +
        '121009000000000000f03f1080d0eab6b733',
    );
  });

  it('write U+FFFD for a lone surrogate, as UTF-8 has none', () => {
    const [one] = decodeWriteRequest(
      encode([{ labels: [{ name: 'a', value: 'x\uD800y' }], samples: [] }]),
    ).timeseries;
    expect(one?.labels).toEqual([{ name: 'a', value: 'x\uFFFDy' }]);
  });

  it('write NaN as the one that says that a series has ended', () => {
    const message = encode([{ labels: [], samples: [{ value: Number.NaN, timestamp: 0 }] }]);
    expect(message.toString('hex')).toBe('0a0d120b09020000000000f07f1000');
  });

  it('carry what a metric is and means', () => {
    fc.assert(
      fc.property(anyText, anyText, fc.constantFrom('counter' as const, undefined), (name, help, type) => {
        const into = createMessageBytes(1);
        putMetadata(into, { name, help, type });
        putMetadata(into, { name: 'b', help: '' });
        expect(decodeWriteRequest(into.bytes.subarray(0, into.length)).metadata).toEqual([
          { type: type === 'counter' ? 'COUNTER' : 'GAUGE', metric_family_name: name, help, unit: '' },
          { type: 'GAUGE', metric_family_name: 'b', help: '', unit: '' },
        ]);
      }),
    );
  });
});
