import { describe, expect, it } from 'vitest';
import { SKIPPED_REASONS } from '../../../lib/sweep/outcome.ts';
import { explained } from '../../../lib/sweep/plan/why-left-alone.ts';

describe('explained', () => {
  it.each([
    ['ssh-disabled', 'To have it asked, start it: Configure > Services > SSH'],
    ['no-credential', 'the credential for ssh could not be read; see the problems of the run'],
    ['worker', 'a worker ended while it was connected to this host'],
    ['deadline', 'the trial logins did not finish in time'],
    ['allowance', 'Look at the hosts that are failed(auth); the next run continues'],
  ] as const)('says of a host that is skipped(%s) what happened or what to do', (skip, what) => {
    expect(explained({ skip })).toEqual({ skip, why: expect.stringContaining(what) });
  });

  it('keeps what is known of one host, whatever the reason', () => {
    for (const skip of SKIPPED_REASONS) {
      expect(explained({ skip, why: 'refused twice' })).toEqual({ skip, why: 'refused twice' });
    }
  });

  it('adds nothing where a line of the target has it', () => {
    expect(explained({ skip: 'netbox' })).toEqual({ skip: 'netbox' });
  });
});
