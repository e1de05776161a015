import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { POLL_FORMATS, printReply } from '../../../../lib/poll/format/print-reply.ts';
import { POLL_METHODS } from '../../../../lib/poll/registry.ts';
import type { JsonValue, PollAnswer } from '../../../../lib/poll/reply.ts';

const ok = (result: PollAnswer) => ({ success: 0, msg: 'Successfully …', result }) as const;
const FAILED = { success: 1, msg: 'Cannot find object "é" 😀' } as const;
const print = (helper: string, message: object, result: PollAnswer) =>
  printReply(ok(result), { method: 'vm.get', hostname: 'vc01', ...message, helper });

const json = fc.jsonValue({ noUnicodeString: false }).map((value) => value as JsonValue);
const cell = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('a,b', '"', '\r\n', "it's", ''));
const object = fc.dictionary(fc.string({ unit: 'grapheme', minLength: 1 }), json, { noNullPrototype: true });

/** An independent reader of RFC 4180. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === '\r\n') rows.push([]);
  }
  return rows.slice(0, -1);
}

describe('printReply', () => {
  it("prints JSON with Python's separators, in which any value comes back", () => {
    expect(printReply(ok([{ name: 'é', on: true, n: [1, 0.5] }]), {})).toBe(
      '{"success": 0, "msg": "Successfully …", "result": [{"name": "é", "on": true, "n": [1, 0.5]}]}',
    );
    fc.assert(
      fc.property(fc.array(object), (result) => {
        // JSON has no -0.
        expect(JSON.parse(printReply(ok(result), {}))).toEqual(JSON.parse(JSON.stringify(ok(result))));
      }),
    );
  });

  it.each([{ helper: 'vpoller.helpers.unknown' }, { helper: 5 }, null, 'text', [], { helper: 'toString' }])(
    'prints JSON for %j, which names no format',
    (message) => {
      expect(JSON.parse(printReply(FAILED, message))).toEqual(FAILED);
    },
  );

  it('ends what C reads with one NUL, in ASCII', () => {
    expect(print('vpoller.helpers.cclient', {}, [{ name: 'é😀\u007f' }])).toBe(
      '{"success": 0, "msg": "Successfully \\u2026", "result": [{"name": "\\u00e9\\ud83d\\ude00\\u007f"}]}\0',
    );
    expect(print('vpoller.helpers.czabbix', { properties: ['name'] }, [{ name: 'web01' }])).toBe('"web01"\0');
    fc.assert(
      fc.property(fc.array(object), (result) => {
        const printed = print('cclient', {}, result);
        expect(printed).toMatch(/^[\u0020-\u007e]*\0$/);
        expect(JSON.parse(printed.slice(0, -1))).toEqual(JSON.parse(JSON.stringify(ok(result))));
      }),
    );
  });

  it('reaches each format by its short name and by the one of vPoller, and prints a failure in each', () => {
    for (const helper of ['zabbix', 'czabbix', 'cclient', 'csv']) {
      const module = helper === 'csv' ? 'csvhelper' : helper;
      expect(POLL_FORMATS.get(`vpoller.helpers.${module}`)).toBe(POLL_FORMATS.get(helper));
    }
    const printed = [...POLL_FORMATS.keys()].map((helper) =>
      printReply(FAILED, { helper, method: 5, name: [] }),
    );
    const csv = '{\n    "success": 1,\n    "msg": "Cannot find object \\"\\u00e9\\" \\ud83d\\ude00"\n}';
    const ascii = '{"success": 1, "msg": "Cannot find object \\"\\u00e9\\" \\ud83d\\ude00"}\0';
    const raw = FAILED.msg;
    expect(printed).toEqual([raw, raw, `${raw}\0`, `${raw}\0`, ascii, ascii, csv, csv, raw]);
  });
});

describe('the format for Zabbix', () => {
  it('gives the first property of the last object, as JSON', () => {
    const samples = [{ value: 1 }, { value: 4_200 }];
    expect(print('zabbix', { method: 'vm.perf.metric.get', properties: ['value'] }, samples)).toBe('4200');
    const vm = { name: 'a"b', on: true, tags: ['x', 'y'] };
    expect(print('zabbix', { properties: ['name', 'on'] }, [vm])).toBe('"a\\"b"');
    expect(print('zabbix', { properties: 'on,name' }, [vm])).toBe('true');
    expect(print('zabbix', { properties: ['tags'] }, [vm])).toBe('["x", "y"]');
    expect(print('zabbix', { method: 'vm.poll', properties: ['guest.ipAddress'] }, [vm])).toBe('null');
    expect(print('zabbix', { properties: ['toString'] }, [vm])).toBe('null');
  });

  it('says why it has no value', () => {
    expect(print('zabbix', {}, [{ name: 'web01' }])).toMatch(
      /^Cannot send result: vm\.get needs the property/,
    );
    expect(print('zabbix', { method: 'host.perf.metric.get', properties: ['value'] }, [])).toBe(
      'Cannot send result: host.perf.metric.get has found nothing',
    );
    expect(print('zabbix', { method: 'net.discover' }, [{ name: 'VM Network' }])).toBe(
      '[zbx-helper]: Do not know how to process net.discover method',
    );
  });

  it('names macros after the method without its last word, and after the type alone inside a guest', () => {
    expect(
      print('zabbix', { method: 'host.datastore.get' }, [{ name: 'fast01', 'info.url': 'ds:///1/' }]),
    ).toBe(
      '{"data": [{"{#VSPHERE.HOST.DATASTORE.NAME}": "fast01", "{#VSPHERE.HOST.DATASTORE.INFO.URL}": "ds:///1/"}]}',
    );
    const disks = [{ name: 'web01', disk: [{ diskPath: '/' }, { diskPath: '/var' }] }];
    expect(print('zabbix', { method: 'vm.disk.discover' }, disks)).toBe(
      '{"data": [{"{#VSPHERE.VM.DISKPATH}": "/"}, {"{#VSPHERE.VM.DISKPATH}": "/var"}]}',
    );
    expect(
      print('lld', { method: 'vm.guest.net.get' }, { name: 'web01', net: [{ network: 'backup' }] }),
    ).toBe('[{"{#VSPHERE.VM.NETWORK}": "backup"}]');
    expect(print('lld', { method: 'host.net.get' }, { name: 'esx01', network: [{ name: 'backup' }] })).toBe(
      '[{"{#VSPHERE.HOST.NET.NAME}": "backup"}]',
    );
  });

  it('does not take a property of a discovered object for what is discovered', () => {
    expect(print('lld', { method: 'vm.discover' }, [{ name: 'web01', network: ['a', 'b'] }])).toBe(
      '[{"{#VSPHERE.VM.NAME}": "web01", "{#VSPHERE.VM.NETWORK}": ["a", "b"]}]',
    );
  });

  it('gives a property of the one disk, and counts processes', () => {
    const disk = [{ name: 'web01', disk: { diskPath: '/', freeSpace: 5 } }];
    expect(print('zabbix', { method: 'vm.disk.get', key: '/', properties: ['freeSpace'] }, disk)).toBe('5');
    const processes = [{ cmdLine: 'nginx: worker' }, { cmdLine: '/sbin/init' }];
    expect(print('zabbix', { method: 'vm.process.get' }, processes)).toBe('2');
    expect(print('zabbix', { method: 'vm.process.get', key: 'nginx' }, processes)).toBe('1');
  });

  it('keeps every object and value of a discovery', () => {
    const row = fc.dictionary(fc.stringMatching(/^[a-z][a-z.]*$/), json, { noNullPrototype: true });
    fc.assert(
      fc.property(fc.array(row), (result) => {
        const values = (rows: object[]) => rows.map((one) => Object.values(one));
        const rows = JSON.parse(print('lld', { method: 'net.discover' }, result));
        expect(values(rows)).toEqual(values(JSON.parse(JSON.stringify(result))));
        const { data } = JSON.parse(print('zabbix', { method: 'vm.discover' }, result));
        expect(values(data)).toEqual(values(rows));
      }),
    );
  });

  it('knows no method that there is not', () => {
    const known = POLL_METHODS.filter(
      ({ name }) => !print('zabbix', { method: name, properties: ['x'] }, [{}]).startsWith('[zbx-helper]'),
    );
    // vPoller 0.7.3 and its head have as many.
    expect(known).toHaveLength(44);
  });
});

describe('the format csv', () => {
  it("is Python's: sorted columns, None for what is missing, lists and objects by their repr", () => {
    const rows = [
      { name: 'web01', b: true, a: null, list: ['x', "it's", 1], o: { k: [null, false], t: 'tab\t' } },
      { name: 'a,"b"', b: 0.00001, extra: 1 },
    ];
    expect(print('csv', {}, rows)).toBe(
      `a,b,list,name,o\r\n,True,"['x', ""it's"", 1]",web01,"{'k': [None, False], 't': 'tab\\t'}"\r\n` +
        'None,1e-05,None,"a,""b""",None\r\n',
    );
    expect(print('csv', {}, [{ name: '' }, { name: null }])).toBe('name\r\n""\r\n""\r\n');
    expect(print('csv', {}, [])).toBe('');
    expect(print('csv', {}, { name: 'web01', vm: [] })).toBe('name,vm\r\nweb01,[]\r\n');
  });

  it('gives every text back to a reader of RFC 4180', () => {
    const columns = fc.uniqueArray(cell, { minLength: 1, maxLength: 5 });
    const table = columns.chain((names) =>
      fc.tuple(
        fc.constant(names),
        fc.array(fc.array(cell, { minLength: names.length, maxLength: names.length }), { minLength: 1 }),
      ),
    );
    fc.assert(
      fc.property(table, ([names, lines]) => {
        const sorted = [...names].sort();
        const objects = lines.map((line) =>
          Object.fromEntries(names.map((name, index) => [name, line[index] ?? ''])),
        );
        const read = parseCsv(print('csv', {}, objects));
        expect(read).toEqual([sorted, ...objects.map((one) => sorted.map((name) => one[name]))]);
      }),
    );
  });
});
