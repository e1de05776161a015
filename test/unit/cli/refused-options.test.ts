import { describe, expect, it } from 'vitest';
import { hostkeyAcceptCommand, hostkeyForgetCommand } from '../../../lib/cli/hostkey.ts';
import { hostkeyScanCommand } from '../../../lib/cli/hostkey-scan.ts';
import { invokeHostkeysCommand } from '../../../lib/cli/invoke.ts';
import { leaseReleaseCommand } from '../../../lib/cli/lease.ts';
import { statusCommand } from '../../../lib/cli/status.ts';
import { here, refusal } from '../../support/cli/here.ts';

/** Who goes on is refused by it. */
const NOWHERE = { config: '/no/such/folder/vsweep.yaml', verbose: false, json: false };
const WENT_ON = expect.stringMatching(/vsweep\.yaml: 1 fault\n {2}cannot be read: ENOENT/);
const refused = (errors: string) => ({ output: '', errors: `${errors}\n`, exitCode: 2 });

describe('vsweep hostkey scan', () => {
  const scan = (options: object) => () =>
    hostkeyScanCommand({ ...NOWHERE, accept: false, all: false, knownHosts: false, ...options });
  const NEEDS = '--all and --fingerprints need --accept';
  const NOT_BOTH = '--known-hosts cannot be combined with --json or --accept';
  const NO_TERMINAL =
    'there is no terminal to confirm on; add --fingerprints <file>, or --all to accept every key';

  it.each([
    [{ all: true }, NEEDS],
    [{ fingerprints: 'f' }, NEEDS],
    [{ accept: true, all: true, fingerprints: 'f' }, 'write --all or --fingerprints, not both'],
    [{ knownHosts: true, json: true }, NOT_BOTH],
    [{ knownHosts: true, accept: true, all: true }, NOT_BOTH],
    [{ accept: true }, NO_TERMINAL],
    [{ accept: true, json: true }, NO_TERMINAL],
    [
      { table: 'T' },
      'the state on AWS is sealed: only the deployed functions can use its host keys. Run: vsweep invoke hostkeys ' +
        '(to accept keys: add --known-hosts, compare the lines, put them into esxi.hostKeys.file and deploy it)',
    ],
  ])('refuses %o before anything is read', async (options, message) => {
    expect(await here(scan(options))).toEqual(refused(message));
  });

  it.each([
    {},
    { json: true },
    { knownHosts: true },
    { accept: true, all: true },
    { accept: true, all: true, json: true },
  ])('takes %o', async (options) => {
    expect(await refusal(scan(options))).toEqual(WENT_ON);
  });

  it('reads the fingerprints before the configuration', async () => {
    expect(await refusal(scan({ accept: true, fingerprints: '/no/such/file' }))).toBe(
      "the command line: 1 fault\n  --fingerprints: /no/such/file cannot be read: ENOENT: no such file or directory, open '/no/such/file'",
    );
  });

  it('asks for the JSON of functions or for their lines, not for both', async () => {
    const options = { stack: 'Vsweep', knownHosts: true, json: true, verbose: false };
    expect(await here(() => invokeHostkeysCommand(options))).toEqual(
      refused('--known-hosts cannot be combined with --json'),
    );
  });
});

describe('vsweep hostkey accept and forget', () => {
  it('say of a table how a key comes into it', async () => {
    expect(await here(() => hostkeyAcceptCommand('vc1', 'esx1:22', { ...NOWHERE, table: 'T' }))).toEqual(
      refused(
        'the state on AWS is sealed: functions use only host keys that they pinned themselves. Get the key (vsweep invoke ' +
          'hostkeys --target vc1), put it into esxi.hostKeys.file and deploy it. Under trust-first the next run also pins ' +
          'a new key after: vsweep hostkey forget vc1 esx1:22 --table T',
      ),
    );
    expect(await refusal(() => hostkeyAcceptCommand('vc1', 'esx1:22', NOWHERE))).toEqual(WENT_ON);
  });

  it('forget one host or all of a target', async () => {
    const forget = (endpoint: string | undefined, all: boolean) => () =>
      hostkeyForgetCommand('vc1', endpoint, { ...NOWHERE, all });
    const message = refused(
      'name one host, by its name in vCenter or as <address:port>, or add --all for all of the target',
    );
    expect(await here(forget(undefined, false))).toEqual(message);
    expect(await here(forget('esx1', true))).toEqual(message);
    expect(await refusal(forget(undefined, true))).toEqual(WENT_ON);
    expect(await refusal(forget('esx1', false))).toEqual(WENT_ON);
  });
});

describe('vsweep lease release', () => {
  const release = (runIsDead?: boolean) => () =>
    leaseReleaseCommand('all', 'vc1', { ...NOWHERE, ...(runIsDead === undefined ? {} : { runIsDead }) });

  it('does nothing until an operator says that the run is dead', async () => {
    const message = refused(
      'If the run is still alive, two runs work at once: the next run counts its batches as lost, with a ' +
        'possible refusal for each of their hosts. Make sure that it has ended, then repeat this with --run-is-dead. Or ' +
        'wait: a lease expires by itself ("vsweep lease list" shows when).',
    );
    expect(await here(release())).toEqual(message);
    expect(await here(release(false))).toEqual(message);
    expect(await refusal(release(true))).toEqual(WENT_ON);
  });
});

describe('vsweep status', () => {
  const status = (outcome: readonly string[], hosts: boolean) => () =>
    statusCommand({ ...NOWHERE, outcome, hosts });

  it('takes outcomes of hosts alone', async () => {
    expect(await here(status(['failed'], false))).toEqual(refused('--outcome needs --hosts'));
    expect(await refusal(status(['failed'], true))).toEqual(WENT_ON);
    expect(await refusal(status([], false))).toEqual(WENT_ON);
  });
});
