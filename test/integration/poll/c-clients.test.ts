import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDemoEstate } from '../../../lib/demo/demo-estate.ts';
import { createDemoFleet } from '../../../lib/demo/fleet.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { openPolls } from '../../../lib/poll/answer-poll.ts';
import { openGateway } from '../../../lib/poll/gateway/gateway.ts';
import { askVpoller } from '../../support/peers/ask-vpoller.ts';
import { openSharedState } from './demo-poll.ts';

/**
 * What vPoller's clients in C send, field for field, and what they make of the reply: github.com/dnaeon/py-vpoller at
 * c0b908b, extra/vpoller-cclient/vpoller-cclient.c and extra/zabbix/vpoller-module/vpoller.c. Neither is in the
 * package on PyPI; docs/vpoller.md says with which versions of them the gateway was tried.
 */
type Arguments = Readonly<Record<string, string>>;

const print = (template: readonly string[], given: Arguments, constant: Arguments) =>
  template.map((key) => {
    const value = constant[key] ?? given[key] ?? '(null)';
    return key === 'properties' ? `"${key}":   ["${value}"]` : `"${key}":      "${value}"`;
  });

/** The arguments as they are, within 8 KiB; a counter by the key of older releases. */
function cclientMessage(given: Arguments): string {
  const keys =
    'method hostname name properties key username password counter-id instance perf-interval max-sample helper';
  const fields = print(keys.split(' '), { helper: 'vpoller.helpers.cclient', ...given }, {});
  return `{${fields.join(', ')} }`.slice(0, 8_190);
}

/** Zabbix's item key `vpoller[…]`; items of templates write the word null for what they do not use. */
function moduleMessage(given: Arguments): string {
  const keys =
    'method hostname name properties key username password counter-name instance perf-interval max-sample helper';
  const constant = { 'max-sample': '1', helper: 'vpoller.helpers.czabbix' };
  return `{ \t\t${print(keys.split(' '), given, constant).join(', \t\t')} }`;
}

const HOST = { hostname: 'vc01', name: 'esx01.example.org' };
const CPU = 'cpu.usage.percent.average';

const resources = new AsyncDisposableStack();
let endpoint: string;

beforeAll(async () => {
  const shared = resources.use(await openSharedState());
  const hosts = createDemoFleet().map(({ vcenter }) => vcenter);
  const demo = resources.use(await shared.start({ hosts, estate: createDemoEstate() }));
  const polls = resources.use(openPolls(demo.deps, 'process'));
  const stop = new AbortController();
  const options = { listen: 'tcp://127.0.0.1:*', manage: [], timeoutMs: 10_000, allowShutdown: false };
  const gateway = resources.use(
    await openGateway(options, { polls, clock: systemClock, log: demo.deps.log }, stop),
  );
  resources.defer(() => stop.abort(new Error('the tests are over')));
  ({ listen: endpoint } = gateway);
});
afterAll(() => resources.disposeAsync());

/** A text of C: up to the NUL, which must be there, and must be the last byte. */
async function ask(message: string): Promise<string> {
  const reply = await askVpoller(endpoint, message);
  expect(reply.indexOf(0)).toBe(reply.length - 1);
  return reply.toString('utf8', 0, reply.length - 1);
}

describe('vpoller-cclient', () => {
  it('gets the reply as JSON in ASCII', async () => {
    const reply = await ask(cclientMessage({ ...HOST, method: 'host.get', properties: 'overallStatus' }));
    expect(reply).toBe(
      '{"success": 0, "msg": "Successfully retrieved object properties", "result": [{"name": "esx01.example.org", "overallStatus": "green"}]}',
    );
  });

  it('gets a counter by its old key', async () => {
    const counter = cclientMessage({ ...HOST, method: 'host.perf.metric.get', 'counter-id': CPU });
    expect(JSON.parse(await ask(counter))).toMatchObject({ success: 0, result: [{ counterId: CPU }] });
  });

  it('takes what it was not given for nothing, and is told of its faults', async () => {
    expect(JSON.parse(await ask(cclientMessage({ hostname: 'vc01', method: 'about' })))).toMatchObject({
      success: 0,
    });
    for (const [method, msg] of [
      ['host.gett', 'Unknown or missing task/method name'],
      ['host.get', 'Cannot find object None'],
    ] as const) {
      const asked = cclientMessage({ hostname: 'vc01', method, properties: 'name' });
      expect(JSON.parse(await ask(asked))).toMatchObject({ success: 1, msg });
    }
  });
});

describe("Zabbix's module", () => {
  it('gets the value of an item, a text in quotation marks', async () => {
    const item = moduleMessage({ ...HOST, method: 'host.get', properties: 'overallStatus' });
    expect(await ask(item)).toBe('"green"');
  });

  it('gets discovery, a counter, and the message of a fault', async () => {
    const hosts = { hostname: 'vc01', method: 'host.discover', name: 'null', properties: 'name' };
    expect(JSON.parse(await ask(moduleMessage(hosts))).data[0]).toEqual({
      '{#VSPHERE.HOST.NAME}': HOST.name,
    });
    const counter = { ...HOST, method: 'host.perf.metric.get', properties: 'value', 'counter-name': CPU };
    expect(await ask(moduleMessage(counter))).toMatch(/^\d+$/);
    const nobody = { ...HOST, method: 'host.get', name: 'nobody', properties: 'name' };
    expect(await ask(moduleMessage(nobody))).toBe('Cannot find object nobody');
  });
});

describe('both', () => {
  it.each([
    ['a quotation mark in an argument', cclientMessage({ ...HOST, method: 'host.get', properties: 'a"b' })],
    ['one in an item key', moduleMessage({ ...HOST, method: 'host.get', properties: 'a"b' })],
    [
      'an argument that is cut off',
      cclientMessage({ ...HOST, method: 'host.get', properties: 'x'.repeat(9_000) }),
    ],
  ])('read no further than the reply after %s', async (_what, message) => {
    expect(JSON.parse(await ask(message))).toEqual({ success: 1, msg: 'Invalid message received' });
  });
});
