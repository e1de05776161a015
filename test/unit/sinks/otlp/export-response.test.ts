import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readExportResponse, readStatusMessage } from '../../../../lib/sinks/otlp/export-response.ts';
import { readMessage } from '../../../../lib/sinks/otlp/read-message.ts';
import { encodeResponse, encodeStatus } from '../../../support/otlp/otlp-messages.ts';

const PROTOBUF = 'application/x-protobuf';
const answer = (body: Uint8Array | string, type?: string, status = 200) => ({
  status,
  bytes: Buffer.from(body as Uint8Array),
  headers: type === undefined ? {} : { 'content-type': type },
});

describe('readExportResponse', () => {
  it.each([
    ['nothing', '', undefined, 200],
    ['nothing, with a status of other receivers', '', undefined, 204],
    ['a partial success of nothing', encodeResponse({}), PROTOBUF, 200],
    ['JSON', '{}', 'application/json; charset=utf-8', 200],
    ['JSON without parts', '{"partialSuccess":null}', 'application/json', 200],
  ])('takes %s for all', (_what, body, type, status) => {
    expect(readExportResponse(answer(body, type, status))).toEqual({ rejected: 0, message: '' });
  });

  it.each([
    [encodeResponse({ rejected: 300, message: 'out of order' }), PROTOBUF, 300, 'out of order'],
    [encodeResponse({ message: 'deprecated' }), 'application/protobuf', 0, 'deprecated'],
    ['{"partialSuccess":{"rejectedDataPoints":"12","errorMessage":"late"}}', 'application/json', 12, 'late'],
    ['{"partialSuccess":{"rejectedDataPoints":3}}', 'application/json', 3, ''],
    [encodeResponse({ rejected: '-1' }), PROTOBUF, 0, ''],
    [encodeResponse({ rejected: '9223372036854775807' }), PROTOBUF, Number.MAX_SAFE_INTEGER, ''],
  ])('reads what was not taken', (body, type, rejected, message) => {
    expect(readExportResponse(answer(body, type))).toEqual({ rejected, message });
  });

  it('skips fields of a newer version, of every kind', () => {
    const more = Buffer.from([0x10, 0xac, 0x02, 0x19, 1, 2, 3, 4, 5, 6, 7, 8, 0x25, 1, 2, 3, 4, 0x2a, 1, 0]);
    const body = Buffer.concat([more, encodeResponse({ rejected: 2 }), more]);
    expect(readExportResponse(answer(body, PROTOBUF))).toEqual({ rejected: 2, message: '' });
  });

  it('takes the last field of each number, whatever others stand behind it', () => {
    const inner = Buffer.from('0801' + '0802' + '120161' + '120162' + '1807' + '220163', 'hex');
    const body = Buffer.concat([Buffer.from([0x0a, inner.length]), inner]);
    expect(readExportResponse(answer(body, PROTOBUF))).toEqual({ rejected: 2, message: 'b' });
    const swapped = Buffer.from('0a04' + '0a0161' + '10', 'hex');
    expect(readExportResponse(answer(swapped, PROTOBUF))).toBeUndefined();
    // A text in place of the count, and a number in place of the text, say nothing.
    expect(readExportResponse(answer(Buffer.from('0a05' + '0a0161' + '1005', 'hex'), PROTOBUF))).toEqual({
      rejected: 0,
      message: '',
    });
  });

  it.each([
    ['a text', 'OK', 'text/plain', 200],
    ['a text that says it is protobuf', 'OK', PROTOBUF, 200],
    ['no type', encodeResponse({}), undefined, 200],
    ['the JSON of something else', '{"status":"ok"}', 'application/json', 200],
    ['a count that is none', '{"partialSuccess":{"rejectedDataPoints":"many"}}', 'application/json', 200],
    [
      'a count with something before it',
      '{"partialSuccess":{"rejectedDataPoints":" 1"}}',
      'application/json',
      200,
    ],
    [
      'a count with something behind it',
      '{"partialSuccess":{"rejectedDataPoints":"1x"}}',
      'application/json',
      200,
    ],
    ['a count in hexadecimal', '{"partialSuccess":{"rejectedDataPoints":"0x1"}}', 'application/json', 200],
    [
      'a count of 20 digits',
      '{"partialSuccess":{"rejectedDataPoints":"12345678901234567890"}}',
      'application/json',
      200,
    ],
    ['a status that has no body', encodeResponse({}), PROTOBUF, 202],
    ['a message that ends too early', encodeResponse({ rejected: 300 }).subarray(0, 3), PROTOBUF, 200],
    ['a length beyond its end', Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]), PROTOBUF, 200],
    ['a number in place of the part', Buffer.from([0x08, 1]), PROTOBUF, 200],
    ['a varint without an end', Buffer.alloc(64, 0xff), PROTOBUF, 200],
  ])('takes %s for no answer of a receiver', (_what, body, type, status) => {
    expect(readExportResponse(answer(body, type, status))).toBeUndefined();
  });
});

describe('readStatusMessage', () => {
  it('reads what an error says', () => {
    expect(readStatusMessage(answer(encodeStatus('no such tenant'), PROTOBUF, 400))).toBe('no such tenant');
    for (const type of ['application/protobuf', 'Application/Protobuf; proto=x'])
      expect(readStatusMessage(answer(encodeStatus('no such tenant'), type, 400)), type).toBe(
        'no such tenant',
      );
    for (const type of [
      'application/protobuffer',
      'x-application/protobuf',
      'application/y-protobuf',
      undefined,
    ])
      expect(readStatusMessage(answer(encodeStatus('x'), type, 400)), type).toBeUndefined();
    expect(readStatusMessage(answer(Buffer.from([0xff]), PROTOBUF, 400))).toBe('');
    const withDetails = Buffer.from('0803' + '120161' + '1a0162', 'hex');
    expect(readStatusMessage(answer(withDetails, PROTOBUF, 400))).toBe('a');
  });

  it('leaves a text to others', () => {
    expect(readStatusMessage(answer('no such tenant', 'text/plain', 400))).toBeUndefined();
  });
});

describe('readMessage', () => {
  it('ends, and reads no byte that is not there, whatever a peer sends', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const fields = readMessage(bytes) ?? [];
        const read = fields.map(({ value }) => (typeof value === 'bigint' ? 0 : value.length));
        return read.reduce((sum, length) => sum + length, 0) <= bytes.length;
      }),
    );
  });
});
