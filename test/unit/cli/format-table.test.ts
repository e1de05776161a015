import { describe, expect, it } from 'vitest';
import { formatTable } from '../../../lib/cli/terminal.ts';

describe('formatTable', () => {
  it('makes columns as wide as their widest cell', () => {
    expect(
      formatTable(
        ['a', 'b'],
        [
          ['long', 'x'],
          ['s', ''],
        ],
      ),
    ).toBe('a     b\nlong  x\ns');
  });

  it('prints no control characters, which a name in vCenter may hold', () => {
    expect(formatTable(['host'], [['esx\u009b2J\u001b[1mname\n']])).toBe('host\nesx 2J [1mname');
  });
});
