import { describe, expect, it } from 'vitest';
import { OwnerError, refuseForeign } from '../../../lib/platform/owner.ts';

describe('the owner of a file', () => {
  it.each([
    [1_000, 1_000],
    [0, 1_000],
    [0, 0],
  ])('user %s is trusted by a process of user %s', (uid, own) => {
    expect(() => refuseForeign('f', { uid }, own)).not.toThrow();
  });

  it.each([
    [1_001, 1_000],
    [1_000, 0],
  ])('user %s is not by a process of user %s, and the message has the command that mends it', (uid, own) => {
    const expected = `it belongs to user ${uid}, who can change it, and not to this user (${own}) or root. Run vsweep as that user: sudo -u '#${uid}' vsweep status; or, if that user runs no vsweep with it: sudo chown ${own} 'my file'`;
    expect(() => refuseForeign('my file', { uid }, own)).toThrow(
      expect.objectContaining({ constructor: OwnerError, message: expected }),
    );
  });
});
