import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DemoRow, toCsv, toKeyvalue } from '../../../../lib/demo/esxi-sshd/esxcli.ts';
import { SshError } from '../../../../lib/esxi/errors.ts';
import { errorOf, fieldKey, readEsxcli } from '../../../../lib/esxi/esxcli/read-output.ts';
import { booleanOf, numberOf, textOf } from '../../../../lib/esxi/esxcli/values.ts';
import {
  DEVICES_6_CSV,
  DEVICES_7_CSV,
  ERRORS,
  NICS_8_KEYVALUE,
  NVME_LOG_8_JSON,
  SMART_6_CSV,
  SMART_8_JSON,
  SWITCHES_KEYVALUE,
  VERSION_8_JSON,
} from './recorded.ts';

const read = (text: string) => {
  const { format, records } = readEsxcli(text);
  return { format, rows: records.map((record) => Object.fromEntries(record)) };
};

describe('recorded output of esxcli', () => {
  it.each([
    ['an object of 8.0.3 in json', NVME_LOG_8_JSON, 'json', 1],
    ['a list of 8.0.3 in json', SMART_8_JSON, 'json', 6],
    ['an object of 8.0.3 in json', VERSION_8_JSON, 'json', 1],
    ['a list of 7 in csv', DEVICES_7_CSV, 'csv', 3],
    ['a list before 7.0 in csv', SMART_6_CSV, 'csv', 5],
    ['a list before 7.0 in csv with an array in quotation marks', DEVICES_6_CSV, 'csv', 1],
    ['a list of 8 in keyvalue', NICS_8_KEYVALUE, 'keyvalue', 2],
    ['a list in keyvalue with arrays', SWITCHES_KEYVALUE, 'keyvalue', 1],
  ])('%s is told apart and read', (_what, text, format, count) => {
    const found = read(text);
    expect([found.format, found.rows.length]).toEqual([format, count]);
  });

  it('has its fields under one key in each format, whatever blanks and capitals it is printed with', () => {
    expect(read(SMART_6_CSV).rows[0]).toEqual({
      parameter: 'Health Status',
      threshold: 'N/A',
      value: 'OK',
      worst: 'N/A',
    });
    expect(read(DEVICES_6_CSV).rows[0]).toMatchObject({
      islocal: 'true',
      size: '2861588',
      otheruids: 'vml.0100000000202020202020202020202020573330304834434b535433303030,',
    });
    expect(read(NICS_8_KEYVALUE).rows[1]).toMatchObject({ name: 'vmnic1', mtu: '1500' });
    expect(read(SWITCHES_KEYVALUE).rows[0]).toMatchObject({ portgroups: 2, uplinks: 1, beaconrequiredby: 0 });
    expect(fieldKey('Used %')).toBe(fieldKey('Used'));
  });

  it('has numbers in decimals and hexadecimals, and none where there is a word', () => {
    const [log = new Map()] = readEsxcli(NVME_LOG_8_JSON).records;
    expect(numberOf(log, 'Composite Temperature')).toBe(312);
    expect(numberOf(log, 'Power On Hours')).toBe(0x63c6);
    expect(booleanOf(log, 'Read Only Mode')).toBe(false);
    const [health = new Map()] = readEsxcli(SMART_8_JSON).records;
    expect(numberOf(health, 'Raw')).toBeUndefined();
    expect(textOf(health, 'Value')).toBe('OK');
  });
});

describe('output that is no answer', () => {
  it.each([
    [
      'a formatter that is not there',
      ERRORS.noFormatter,
      'is an error: Unable to find requested formatter: json',
    ],
    ['a dead hostd', ERRORS.hostdIsDead, 'is an error: Connect to localhost failed: Connection failure'],
    ['a command that is not there', ERRORS.unknown, 'is an error: Error: Unknown command or namespace'],
    [
      'a table for people',
      'Name    Driver\n------  ------\nvmnic0  ixgben\n',
      'is neither json, csv nor keyvalue',
    ],
    ['half of a json', SMART_8_JSON.slice(0, 300), 'is cut off or broken: it begins as json and is none'],
    ['half of a csv', `${DEVICES_7_CSV.slice(0, -40)}`, 'is cut off or broken: its row 3 has other columns'],
    [
      'a csv that ends within quotation marks',
      `${DEVICES_6_CSV.slice(0, -20)}`,
      'its row 1 has other columns',
    ],
    ['json of another kind', '[1, 2]', 'is json, but no list of objects'],
    ['more rows than any host has', `Name,\n${'x,\n'.repeat(5_001)}`, 'has more than 5000 rows'],
    ['more text than any answer', '['.repeat(2_000_001), 'has more than 2000000 characters'],
  ])('is refused: %s', (_what, text, why) => {
    expect(() => readEsxcli(text)).toThrow(SshError);
    expect(() => readEsxcli(text)).toThrow(why);
  });

  it('is not quoted unless it is an error of esxcli, because nobody knows what it holds', () => {
    const secret = 'Communities: s3cret\nEnable: true\n';
    expect(() => readEsxcli(secret)).toThrow('is neither json, csv nor keyvalue');
    expect(() => readEsxcli(secret)).not.toThrow('s3cret');
    expect(errorOf(secret)).toBeUndefined();
  });

  it('ends in an SshError or in rows, whatever a host prints', () => {
    const piece = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.constantFrom(
        '{',
        '[',
        ']',
        '}',
        '"',
        ',',
        '\n',
        'A,B,\n',
        'structure[0].A.B.string=',
        '=',
        '\\u',
        '1e999',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        try {
          for (const record of readEsxcli(pieces.join('')).records) expect(record).toBeInstanceOf(Map);
        } catch (error) {
          expect(error).toBeInstanceOf(SshError);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('is refused at whatever character an answer was cut, or gives rows that it had', () => {
    const whole = read(SMART_8_JSON).rows;
    for (let at = 1; at < SMART_8_JSON.length; at += 7) {
      expect(() => read(SMART_8_JSON.slice(0, at))).toThrow(SshError);
    }
    expect(whole).toHaveLength(6);
    const csv = read(SMART_6_CSV).rows;
    for (let at = SMART_6_CSV.indexOf('\n') + 1; at < SMART_6_CSV.length; at += 1) {
      const isAtEndOfRow =
        /,\n?$/.test(SMART_6_CSV.slice(0, at)) && /^\n|^$|^[A-Z]/.test(SMART_6_CSV.slice(at));
      let rows: ReturnType<typeof read>['rows'] = [];
      try {
        ({ rows } = read(SMART_6_CSV.slice(0, at)));
      } catch (error) {
        expect(error).toBeInstanceOf(SshError);
        continue;
      }
      expect(csv).toEqual(expect.arrayContaining(rows));
      expect(isAtEndOfRow).toBe(true);
    }
  });
});

describe('the formats', () => {
  const name = fc.stringMatching(/^[A-Z][A-Za-z0-9]{0,12}$/);
  const value = fc.oneof(
    fc.string({ maxLength: 20 }).filter((text) => !/[\p{Cc}]/u.test(text) && text.trim() === text),
    fc.integer(),
    fc.boolean(),
  );
  const rows = fc
    .uniqueArray(name, { selector: fieldKey, minLength: 1, maxLength: 5 })
    .chain((names) =>
      fc
        .array(fc.tuple(...names.map(() => value)), { minLength: 1, maxLength: 5 })
        .map((values) =>
          values.map(
            (row): DemoRow => Object.fromEntries(names.map((one, index) => [one, row[index] ?? ''])),
          ),
        ),
    );
  const textual = (found: ReturnType<typeof read>) =>
    found.rows.map((row) =>
      Object.fromEntries(Object.entries(row).map(([key, one]) => [key, String(one).trim()])),
    );

  it('say the same of the same rows', () => {
    fc.assert(
      fc.property(rows, (printed) => {
        const json = read(JSON.stringify(printed));
        const csv = read(toCsv(printed));
        const keyvalue = read(toKeyvalue(printed));
        expect([json.format, csv.format, keyvalue.format]).toEqual(['json', 'csv', 'keyvalue']);
        expect(textual(csv)).toEqual(textual(json));
        expect(textual(keyvalue)).toEqual(textual(json));
      }),
    );
  });
});
