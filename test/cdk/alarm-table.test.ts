import { describe, expect, it } from 'vitest';
import { sweepAlarms } from '../../cdk/alarm-table.ts';

const commandsOf = (stack: string) =>
  Object.values(
    sweepAlarms({ name: 'status', stack, everyMs: 60_000, timeoutMs: 60_000, pushes: true }),
  ).flatMap(({ description }) => description.match(/"vsweep invoke [^"]*"/g) ?? []);

describe('the text of an alarm', () => {
  it('has the command of its own stack: that of the default stack needs no option', () => {
    const commands = commandsOf('Vsweep');
    expect(commands).toHaveLength(2);
    expect(new Set(commands)).toEqual(new Set(['"vsweep invoke sweep status"']));
    expect(new Set(commandsOf('Second'))).toEqual(new Set(['"vsweep invoke sweep status --stack Second"']));
  });
});
