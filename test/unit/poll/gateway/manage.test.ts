import { expect, it } from 'vitest';
import { answerManagement } from '../../../../lib/poll/gateway/manage.ts';

const STATUS = { hostname: 'gw01', mgmt: 'tcp://127.0.0.1:9999' };

const ask = (message: string, role: 'proxy' | 'worker', shutDown?: () => void) =>
  answerManagement(Buffer.from(message), {
    role,
    status: STATUS,
    ...(shutDown === undefined ? {} : { shutDown }),
  });

it('the status of a proxy and of a worker is what it was given', () => {
  for (const [role, msg] of [
    ['proxy', 'vPoller Proxy status'],
    ['worker', 'vPoller Worker status'],
  ] as const) {
    const result = { status: 'running', hostname: 'gw01', mgmt: 'tcp://127.0.0.1:9999' };
    expect(ask('{"method": "status"}', role)).toEqual({ success: 0, msg, result });
  }
});

it.each([
  ['no JSON', 'status', 'Invalid message received'],
  ['null', 'null', 'Invalid message received'],
  ['a text', '"status"', 'Invalid message received'],
  ['an object without a method', '{"status": "method"}', 'Missing method name'],
  ['a list', '["status"]', 'Missing method name'],
])('%s is refused by both', (_what, message, msg) => {
  for (const role of ['proxy', 'worker'] as const) expect(ask(message, role)).toEqual({ success: 1, msg });
});

it('an unknown method is refused in the words of each', () => {
  for (const method of ['x', '', 1, null]) {
    const message = JSON.stringify({ method });
    expect(ask(message, 'proxy')).toEqual({ success: 1, msg: 'Uknown method name received' });
    expect(ask(message, 'worker')).toEqual({ success: 1, msg: 'Unknown method name received' });
  }
});

it('shuts down when asked, where that is allowed', () => {
  const called: string[] = [];
  const shutDown = () => void called.push('shut down');
  ask('{"method": "status"}', 'proxy', shutDown);
  ask('{"method": "x"}', 'proxy', shutDown);
  expect(called).toEqual([]);
  expect(ask('{"method": "shutdown"}', 'proxy', shutDown)).toEqual({
    success: 0,
    msg: 'Shutdown time has arrived',
  });
  expect(called).toEqual(['shut down']);
});

it('says what to do where a shutdown is not allowed', () => {
  expect(ask('{"method": "shutdown"}', 'worker')).toEqual({
    success: 1,
    msg: 'Shutdown is not allowed here; stop the process, or start it with --allow-shutdown',
  });
});
