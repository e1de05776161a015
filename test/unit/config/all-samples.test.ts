import { describe, expect, it } from 'vitest';
import { KNOWN_COLLECTORS } from '../../../lib/collectors/known-collectors.ts';
import { ConfigError } from '../../../lib/config/errors.ts';
import { parseConfig } from '../../../lib/config/parse-config.ts';

function issuesOf(text: string): Record<string, string> {
  try {
    parseConfig(text, { file: 'vsweep.yaml', collectors: KNOWN_COLLECTORS });
    return {};
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return Object.fromEntries(error.issues.map(({ path, message }) => [path, message]));
  }
}

const of = (collectors: string, more = '', every = '3m') =>
  issuesOf(`targets: [{ name: vc01, credentials: { env: VC } }]
sweeps: [{ name: a, every: ${every}, collectors: [${collectors}], samples: all }]
${more}`);
const VM = 'victoriaMetrics: { url: "http://vm:8428" }';

describe('samples: all', () => {
  it('is for real-time counters, for sinks that keep their times, at least once an hour', () => {
    expect(of('host-performance', VM)).toEqual({});
    expect(of('hosts, vm-disks', 'remoteWrite: { url: "http://mimir/api/v1/push" }')).toEqual({});
    expect(of('host-performance', 'push: { url: "http://gateway:9091" }')).toEqual({
      'sweeps[0].samples': expect.stringMatching(/^no sink keeps samples by their times; .*victoriaMetrics/),
    });
    expect(of('hosts, datastore-performance', VM)).toEqual({
      'sweeps[0].samples': expect.stringMatching(
        /^no collector of the sweep has real-time counters; .*vm-performance/,
      ),
    });
    expect(of('host-performance', VM, '2h')).toEqual({
      'sweeps[0].samples': 'vSphere keeps samples for an hour; write an "every" of at most 1h',
    });
  });

  it('fills in an hour at most', () => {
    expect(of('host-performance', 'victoriaMetrics: { url: "http://vm:8428", maxBackfill: 2h }')).toEqual({
      'victoriaMetrics.maxBackfill': expect.stringContaining('10s to 1h'),
    });
  });
});
