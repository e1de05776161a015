import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { govcCommands, powerCliCommands, quoteForShell } from '../../../lib/cli/role-commands.ts';

const ROLE = {
  name: 'vsweep',
  principal: String.raw`EX\O'Brien`,
  privileges: ['System.View', 'System.Read'],
  groups: [],
};

describe('the commands that create a role', () => {
  it('are those of govc, quoted for a shell', () => {
    expect(govcCommands(ROLE)).toEqual([
      "govc role.create 'vsweep' 'System.View' 'System.Read'",
      String.raw`govc permissions.set -principal 'EX\O'\''Brien' -role 'vsweep' -propagate=true`,
    ]);
  });

  it('also put the account into the groups of single sign-on that it has to be in', () => {
    const groups = [{ group: 'SystemConfiguration.ReadOnly' }];
    expect(govcCommands({ ...ROLE, groups }).slice(2)).toEqual([
      String.raw`govc sso.group.update -a 'O'\''Brien@EX' 'SystemConfiguration.ReadOnly'`,
    ]);
  });

  it('are those of PowerCLI, quoted for PowerShell', () => {
    expect(powerCliCommands(ROLE)).toEqual([
      "New-VIRole -Name 'vsweep' -Privilege (Get-VIPrivilege -Id 'System.View', 'System.Read')",
      String.raw`New-VIPermission -Entity (Get-Folder -NoRecursion) -Principal 'EX\O''Brien' -Role 'vsweep' -Propagate:$true`,
    ]);
  });

  it('double every quote that PowerShell takes for one', () => {
    const [, permission] = powerCliCommands({ ...ROLE, principal: String.raw`EX\a‘b’c‚d‛e` });
    expect(permission).toContain(String.raw`-Principal 'EX\a‘‘b’’c‚‚d‛‛e'`);
  });

  it('hand a shell every text as it is', () => {
    const text = fc.string({
      unit: fc.constantFrom("'", '"', '\\', '$', '`', ' ', '\n', '!', '*', 'a', 'é'),
    });
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 8 }), (texts) => {
        const script = `printf '%s\\0' ${texts.map(quoteForShell).join(' ')}`;
        const output = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' });
        expect(output).toBe(texts.map((one) => `${one}\0`).join(''));
      }),
      { numRuns: 25 },
    );
  });
});
