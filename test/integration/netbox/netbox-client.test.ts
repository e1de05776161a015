import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createNetbox, type DeviceFilter } from '../../../lib/netbox/netbox-client.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { type FakeNetbox, type FakeNetboxOptions, startFakeNetbox } from '../../support/netbox/netbox.ts';

const o = { signal: new AbortController().signal };
const ACTIVE: DeviceFilter = { platform: ['vmware-esxi'], status: ['active'] };
const V1 = '0123456789abcdef0123456789abcdef01234567';
const V2 = 'nbt_abcdefghijkl.0123456789abcdefghijklmnopqrstuvwxyzABCD';
const manyDevices = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ id: n + 1, name: `esx${n + 1}` }));
/** Pauses take no time. */
const clock = {
  now: () => systemClock.now(),
  monotonic: () => systemClock.now(),
  sleep: (ms: number, options: { signal: AbortSignal }) => systemClock.sleep(ms > 5_000 ? ms : 0, options),
};

let opened: FakeNetbox[] = [];
beforeEach(() => {
  opened = [];
});
afterEach(async () => {
  for (const one of opened) await one[Symbol.asyncDispose]();
});

async function start(options: FakeNetboxOptions) {
  const netbox = await startFakeNetbox(options);
  opened.push(netbox);
  const client = createNetbox({ url: netbox.url, clock, log: silentLog, random: () => 0.5 });
  const list = (filter = ACTIVE, token = options.token) => client.listDevices({ filter, token }, o);
  return { netbox, list };
}

describe('the devices of NetBox', () => {
  it('come with name, site and addresses without mask', async () => {
    const { list } = await start({
      devices: [
        { name: 'esx01', site: 'qa-de-1a', ip4: '10.0.0.1/24', ip6: '2001:DB8:0:0::1/64' },
        { name: null },
      ],
    });
    expect(await list()).toEqual({
      devices: [
        { id: 1, name: 'esx01', site: 'qa-de-1a', addresses: ['10.0.0.1', '2001:db8::1'] },
        { id: 2, site: 'qa-de-1a', addresses: [] },
      ],
      faulty: undefined,
      apiVersion: '4.5',
    });
  });

  it('are asked for by filter, values of one repeated, and with the fields that are needed', async () => {
    const { netbox, list } = await start({
      devices: [{ name: 'a', status: 'staged' }, { name: 'b' }, { name: 'c', status: 'offline' }],
    });
    const { devices } = await list({ status: ['active', 'staged'] });
    expect(devices.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(netbox.seen.map(({ path, query }) => `${path}?${query}`)).toEqual([
      '/api/dcim/devices/?status=active&status=staged&ordering=id&limit=1000&' +
        'fields=id%2Cname%2Cstatus%2Csite%2Cprimary_ip4%2Cprimary_ip6',
    ]);
  });

  it.each([50, 1_000])('come whole in pages of %i, whatever limit was asked for', async (maxPageSize) => {
    const { netbox, list } = await start({ devices: manyDevices(2_345), maxPageSize });
    const { devices } = await list();
    expect(devices.map(({ name }) => name)).toEqual(manyDevices(2_345).map(({ name }) => name));
    expect(netbox.seen).toHaveLength(1 + Math.ceil((2_345 - maxPageSize) / (maxPageSize - 1)));
  });

  it.each(['4.2', '4.5', '4.6'])('of NetBox %s are never paged by "start"', async (version) => {
    const { netbox, list } = await start({ devices: manyDevices(120), maxPageSize: 50, version });
    expect(await list()).toMatchObject({ apiVersion: version });
    expect(netbox.seen.flatMap(({ query }) => query.getAll('start'))).toEqual([]);
  });

  it('are read from the origin of the url, whatever host "next" names, so the token goes nowhere else', async () => {
    await using other = await startFakeNetbox({ devices: [] });
    const { netbox, list } = await start({
      devices: manyDevices(120),
      maxPageSize: 50,
      token: V1,
      origin: other.url,
    });
    expect((await list()).devices).toHaveLength(120);
    expect(netbox.seen).toHaveLength(3);
    expect(other.seen).toEqual([]);
  });

  const gone = manyDevices(120).toSpliced(3, 1);
  const stagedAtFirst = manyDevices(120).with(3, { id: 4, name: 'esx4', status: 'staged' } as {
    id: number;
    name: string;
  });
  it.each([
    { what: 'went', before: manyDevices(120), after: gone },
    { what: 'came and another went', before: manyDevices(120), after: [...gone, { id: 121, name: 'new' }] },
    { what: 'became active', before: stagedAtFirst, after: manyDevices(120) },
  ])('are read again when one $what while pages were read, and none is missing then', async (change) => {
    const { netbox, list } = await start({ devices: change.before, maxPageSize: 50 });
    netbox.onPage((page) => {
      if (page === 2) netbox.setDevices(change.after);
    });
    const { devices } = await list();
    expect(devices.map(({ name }) => name)).toEqual(change.after.map(({ name }) => name));
    expect(netbox.seen).toHaveLength(5);
  });

  it('that do not fit cost themselves and are told', async () => {
    const { list } = await start({ devices: [{ name: 'a' }, { name: 'x'.repeat(300) }, { name: 'b' }] });
    const { devices, faulty } = await list();
    expect(devices.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(faulty).toEqual({ count: 1, first: expect.stringMatching(/^device 2: name: /) });
  });

  it('that do not fit are counted where the next page begins', async () => {
    const devices = [{ name: 'x'.repeat(300) }, { name: 'b' }, { name: 'x'.repeat(300) }, { name: 'd' }];
    const { netbox, list } = await start({ devices, maxPageSize: 2 });
    expect(await list()).toMatchObject({ devices: [{ name: 'b' }, { name: 'd' }], faulty: { count: 2 } });
    expect(netbox.seen).toHaveLength(3);
  });

  it('of another status than was asked for do not count', async () => {
    const { netbox, list } = await start({ devices: manyDevices(2) });
    netbox.ignoreFilters();
    netbox.setDevices([{ name: 'a' }, { name: 'b', status: 'staged' }]);
    expect(await list()).toMatchObject({
      devices: [{ name: 'a' }],
      faulty: { count: 1, first: 'device 2: its status is staged, which was not requested' },
    });
  });
});

describe('the token', () => {
  it.each([
    { token: V1, scheme: `Token ${V1}` },
    { token: V2, scheme: `Bearer ${V2}` },
    { token: undefined, scheme: undefined },
  ])('is sent as $scheme', async ({ token, scheme }) => {
    const { netbox, list } = await start({ devices: manyDevices(1), ...(token ? { token } : {}) });
    await list();
    expect(netbox.seen.map(({ authorization }) => authorization)).toEqual([scheme]);
  });

  it('of version 2 is explained to an older NetBox', async () => {
    const { list } = await start({ devices: [], token: V2, version: '4.2' });
    await expect(list()).rejects.toMatchObject({
      code: 'token',
      message: expect.stringMatching(/need NetBox 4\.5, but this is 4\.2: create a version 1 token/),
    });
  });
});

describe('an answer that is none', () => {
  const cases = [
    {
      fault: 'forbidden',
      code: 'token',
      requests: 1,
      message: /403 Forbidden: You do not have permission to perform this action\. Check that netbox\.token/,
    },
    {
      fault: 'server-error',
      code: 'busy',
      requests: 3,
      message: /500 Internal Server Error: an HTML page\. Check NetBox's health/,
    },
    {
      fault: 'html',
      code: 'not-netbox',
      requests: 1,
      message: /the answer is an HTML page\. Check that netbox\.url/,
    },
    { fault: 'cut-off', code: 'cut-off', requests: 3, message: /cut off after 48 characters/ },
    { fault: 'reset', code: 'network', requests: 3, message: /no answer: .+\. Check netbox\.url/ },
    {
      fault: 'endless',
      code: 'not-netbox',
      requests: 2,
      message: /a further page is announced, but it is empty/,
    },
    { fault: 'redirects', code: 'status', requests: 1, message: /302 Found\. .+redirects are not followed/ },
  ] as const;

  it.each(cases)('$fault: $code, after $requests requests', async ({ fault, code, requests, message }) => {
    const { netbox, list } = await start({ devices: manyDevices(3), token: V1 });
    netbox.setFault(fault);
    const failure = await list().catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'NetboxError', code, message: expect.stringMatching(message) });
    expect(String(failure)).toContain('GET http://127.0.0.1:');
    expect(netbox.seen).toHaveLength(requests);
  });

  it('shows what NetBox says of an unknown slug', async () => {
    const { list } = await start({ devices: manyDevices(1) });
    await expect(list({ site: ['qa-de-9'] })).rejects.toMatchObject({
      code: 'filter',
      message: expect.stringContaining(
        '400 Bad Request: site: Select a valid choice. qa-de-9 is not one of the available choices. Correct netbox.filter',
      ),
    });
  });

  it('is tried again, and what comes then counts', async () => {
    const { netbox, list } = await start({ devices: manyDevices(3) });
    netbox.setFault('server-error', { requests: 2 });
    expect((await list()).devices).toHaveLength(3);
    expect(netbox.seen).toHaveLength(3);
  });

  it('in time is told as such, and not tried again', async () => {
    const { netbox } = await start({ devices: [] });
    netbox.setFault('hangs');
    const client = createNetbox({
      url: netbox.url,
      clock: systemClock,
      log: silentLog,
      random: () => 0.5,
      attemptMs: 50,
    });
    await expect(client.listDevices({ filter: ACTIVE, token: undefined }, o)).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('no whole answer within 0.05 s'),
    });
    expect(netbox.seen).toHaveLength(1);
  });

  it('ends with the signal, whose reason it gives', async () => {
    const { netbox } = await start({ devices: [] });
    netbox.setFault('hangs');
    const client = createNetbox({ url: netbox.url, clock: systemClock, log: silentLog, random: () => 0.5 });
    const reason = new Error('enough');
    const controller = new AbortController();
    const listing = client.listDevices({ filter: ACTIVE, token: V1 }, { signal: controller.signal });
    controller.abort(reason);
    await expect(listing).rejects.toBe(reason);
  });

  it('at a url that is not there names the url', async () => {
    const client = createNetbox({
      url: 'http://127.0.0.1:1/netbox',
      clock,
      log: silentLog,
      random: () => 0.5,
    });
    await expect(client.listDevices({ filter: ACTIVE, token: undefined }, o)).rejects.toMatchObject({
      code: 'network',
      message: expect.stringContaining('GET http://127.0.0.1:1/netbox/api/dcim/devices/: no answer'),
    });
  });
});
