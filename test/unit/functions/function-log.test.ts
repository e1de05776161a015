import { describe, expect, it } from 'vitest';
import { createFunctionLog } from '../../../functions/function-log.ts';
import { inLogContext } from '../../../lib/platform/log-context.ts';

const AT = Date.UTC(2026, 10, 29, 6, 30);

function logTo(lines: string[], env: Record<string, string> = {}) {
  return createFunctionLog({
    service: 'sweep',
    clock: { now: () => AT },
    write: (line) => lines.push(line),
    env,
  });
}

describe('the log of a function', () => {
  it('is a line of JSON with level, message, time and service first', () => {
    const lines: string[] = [];
    logTo(lines).info('sweep services', { targets: 2, delivered: undefined });
    expect(lines).toEqual([
      '{"level":"INFO","message":"sweep services","timestamp":"2026-11-29T06:30:00.000Z","service":"vsweep-sweep","targets":2}\n',
    ]);
  });

  it('begins at info', () => {
    const lines: string[] = [];
    const log = logTo(lines);
    log.debug('d');
    log.warn('w');
    log.error('e');
    expect(lines.map((line) => JSON.parse(line).level)).toEqual(['WARN', 'ERROR']);
  });

  it('names the invocation, the run and the trace', () => {
    const lines: string[] = [];
    const log = logTo(lines, { _X_AMZN_TRACE_ID: 'Root=1-5759e988-bd86;Parent=53995c3f;Sampled=1' });
    inLogContext({ requestId: 'r-1', runId: 'run-1' }, () => log.info('m'));
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      requestId: 'r-1',
      runId: 'run-1',
      xray_trace_id: '1-5759e988-bd86',
    });
  });

  it('lets no field take the place of its own, and no line break begin another line', () => {
    const lines: string[] = [];
    logTo(lines).error('one\ntwo', { level: 'INFO', message: 'another', service: 'x' });
    expect(lines[0]?.split('\n')).toHaveLength(2);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'ERROR',
      message: 'one\ntwo',
      service: 'vsweep-sweep',
    });
  });
});
