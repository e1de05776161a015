import { describe, expect, it } from 'vitest';
import { VsphereReplyError } from '../../../../lib/vsphere/errors.ts';
import { SoapReader } from '../../../../lib/vsphere/soap/soap-reader.ts';
import { ElementBuilder } from '../../../../lib/vsphere/soap/unit-builder.ts';
import { INCOMPLETE, Utf8Window } from '../../../../lib/vsphere/soap/utf8-window.ts';
import { readTarget } from '../../../../lib/vsphere/soap/xml-skipped.ts';
import { retrievalAnswer } from '../soap-messages.ts';

/** Each would take minutes or all memory if one byte more made the reader look at all bytes before it again. */
describe('an answer that never ends', () => {
  const BYTES = 100_000;
  it.each([
    ['attributes', '<objects ', ' a="1"'],
    ['quoted attribute', '<objects a="', '>'],
    ['spaces in a tag', '<objects', ' '],
    ['name', '<', 'a'],
    ['name beyond ASCII', '<', 'ü'],
    ['end tag', '<objects></objects', ' '],
    ['text', '<objects>', 'x'],
    ['brackets', '<objects>', ']'],
    ['line ends', '<objects>', '\r'],
    ['references', '<objects>', '&#65;'],
    ['reference', '<objects>&#', '0'],
    ['CDATA', '<objects><![CDATA[', ']]'],
    ['comment', '<!--', 'x-'],
    ['instruction', '<?x ', '?'],
    ['instruction name', '<?', 'x'],
    ['nesting', '<objects>', '<a>'],
    ['nested namespaces', '<objects>', '<a xmlns:a="u" xmlns:b="v">'],
    ['empty elements', '<objects>', '<a/>'],
    ['small objects', '', '<objects/>'],
  ])(
    'of %s is read or refused in a time that grows with its length alone',
    (_, start, more) => {
      const [head = ''] = retrievalAnswer(`${start}|`).split('|');
      const reader = new SoapReader({ origin: 'Fuzz on vc', unitDepth: 4 }, new ElementBuilder());
      const bytes = Buffer.from(head + more.repeat(BYTES / more.length));
      const read = () => {
        for (let at = 0; at < bytes.length; at += 1) reader.push(bytes.subarray(at, at + 1));
        reader.end();
      };
      expect(read).toThrow(VsphereReplyError);
    },
    5_000,
  );
});

describe('what an earlier chunk left in the buffer', () => {
  it('is no part of a name that is not whole yet', () => {
    const window = new Utf8Window();
    // As long as a name may be: one byte more would be too many.
    window.append(Buffer.from(`<?${'x'.repeat(998)}`));
    window.bytes.fill('x', window.end);
    expect(readTarget(window, { at: 0, isStart: false })).toEqual({
      position: INCOMPLETE,
      isInstruction: false,
    });
  });
});
