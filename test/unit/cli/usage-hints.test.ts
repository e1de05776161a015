import { describe, expect, it } from 'vitest';
import { createProgram } from '../../../lib/cli/program.ts';
import { hintAt } from '../../../lib/cli/usage-hints.ts';

const program = createProgram(() => async () => undefined);
const hint = (code: string, line: string) => hintAt({ code: `commander.${code}` }, line.split(' '), program);

describe('what was likely meant by a refused command line', () => {
  it('is the same with its options behind the command', () => {
    expect(hint('unknownOption', '--json --config a$b status --hosts')).toBe(
      "put options after the command: vsweep status --hosts --json --config 'a$b'",
    );
  });

  it('is unknown where a command has an unknown option, or no command is named', () => {
    expect(hint('unknownOption', 'status --jsn')).toBeUndefined();
    expect(hint('unknownOption', '--json')).toBeUndefined();
    expect(hint('unknownOption', '')).toBeUndefined();
  });

  it('is a command of each group that has one of that name', () => {
    expect(hint('unknownCommand', 'repair')).toBe('did you mean vsweep state repair?');
    expect(hint('unknownCommand', 'lift')).toBe(
      'did you mean vsweep blacklist lift or vsweep credential lift?',
    );
  });

  it('is unknown for a name that no group has, and for other faults', () => {
    expect(hint('unknownCommand', 'nothing')).toBeUndefined();
    expect(hint('missingArgument', 'lift')).toBeUndefined();
    expect(hint('missingArgument', '--json status')).toBeUndefined();
  });
});
