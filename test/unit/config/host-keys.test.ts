import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostKeys, unknownKeysAt } from '../../../lib/config/host-keys.ts';

const at = (text: string) => Date.parse(text);

describe('hostKeys', () => {
  it('trusts first keys until the end of the day that is named, by UTC, and refuses from then on', () => {
    const rules = hostKeys.parse({ unknown: 'trust-first', until: '2026-12-31' });
    expect(unknownKeysAt(rules, at('2026-12-31T23:59:59.999Z'))).toBe('trust-first');
    expect(unknownKeysAt(rules, at('2027-01-01T00:00:00Z'))).toBe('refuse');
  });

  it('never goes back to trust while time goes on', () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true }), fc.nat(), (date, later) => {
        const rules = hostKeys.parse({ unknown: 'trust-first', until: '2026-12-31' });
        const [now, then] = [date.getTime(), date.getTime() + later];
        if (unknownKeysAt(rules, now) === 'refuse') expect(unknownKeysAt(rules, then)).toBe('refuse');
      }),
    );
  });

  it('trusts first keys when nothing was chosen, without an end when none is named', () => {
    expect(unknownKeysAt(hostKeys.parse(undefined), at('2099-01-01'))).toBe('trust-first');
    expect(unknownKeysAt(hostKeys.parse({ unknown: 'trust-first' }), at('2099-01-01'))).toBe('trust-first');
    expect(unknownKeysAt(hostKeys.parse({ unknown: 'refuse' }), at('1999-01-01'))).toBe('refuse');
  });

  it.each([
    [{ unknown: 'ask' }, 'write trust-first or refuse'],
    [{ unknown: 'trust-first', until: 'tomorrow' }, 'write the last day'],
    [{ unknown: 'trust-first', until: '2026-02-30' }, 'write the last day'],
    [{ unknown: 'trust-first', until: '2026-12-31T00:00:00Z' }, 'write the last day'],
    [{ unknown: 'refuse', until: '2026-12-31' }, 'belongs to unknown: trust-first'],
    [{ until: '2026-12-31' }, 'belongs to unknown: trust-first'],
    [{ file: '' }, 'write the path of a known_hosts file'],
    [{ files: 'known_hosts' }, '"file"'],
    ['trust-first', 'write { unknown: trust-first }'],
  ])('says what to write instead of %j', (written, message) => {
    const { error } = hostKeys.safeParse(written);
    expect(error?.issues.map((issue) => issue.message)).toEqual([expect.stringContaining(message)]);
  });
});
