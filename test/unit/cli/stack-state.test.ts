import { describe, expect, it } from 'vitest';
import { refuseRunsBesideStack } from '../../../lib/cli/stack-state.ts';
import type { LoadedConfig } from '../../../lib/config/loaded-config.ts';
import { refusal } from '../../support/cli/here.ts';

const refuse = (aws: object | undefined) =>
  refusal(() => refuseRunsBesideStack({ config: { aws } } as unknown as LoadedConfig, 'a run'));
const said = (stack: string, remedy: string) =>
  `the configuration: 1 fault\n  aws: describes the stack ${stack}, which counts refused logins in its table; a run would count them on this machine, and both together could lock an account. ${remedy}. Where nothing is deployed, leave out the section aws`;

describe('a run beside a stack', () => {
  it('is refused with the command that runs a sweep of the stack', async () => {
    expect(await refuse({ task: false, stack: 'Vsweep' })).toBe(
      said('Vsweep', 'Use the stack: vsweep invoke sweep <name>'),
    );
    expect(await refuse({ task: false, stack: 'Lab' })).toBe(
      said('Lab', 'Use the stack: vsweep invoke sweep <name> --stack Lab'),
    );
  });

  it('is refused where the task of the stack runs each sweep', async () => {
    expect(await refuse({ task: true, stack: 'Lab' })).toBe(
      said('Lab', 'Its task runs each sweep by its interval'),
    );
  });

  it('is taken where the configuration describes no stack', async () => {
    expect(await refuse(undefined)).toBe('not refused');
  });
});
