import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { answer, startGateway } from '../sinks/gateway.ts';
import { ESXI_PASSWORD, PUSH_PASSWORD, startSmallFleet, VCENTER_PASSWORD } from '../sweep/small-fleet.ts';
import { vsweep } from './vsweep-command.ts';

const SECRETS = [ESXI_PASSWORD, PUSH_PASSWORD, VCENTER_PASSWORD].flatMap((secret) => [
  secret,
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
]);
/** Tickets and session cookies are as good as passwords. */
const MARKS = [...SECRETS, 'cst-VCT-', 'vmware_soap_session'];

async function filesBelow(folder: string): Promise<Map<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(await Promise.all(files.map(async (file) => [file, await readFile(file)] as const)));
}

describe('secrets', () => {
  it('are in nothing that is printed, pushed or kept, whether logins succeed, are refused or break', async () => {
    await using gateway = await startGateway([answer(200), answer(401, 'who are you?'), answer(400, 'no')]);
    await using fleet = await startSmallFleet({
      hosts: [{}, { behaviour: 'refuses-login' }, { behaviour: 'second-prompt' }, { behaviour: 'garbage' }],
      pushUrl: gateway.url,
    });
    const sweep = () => vsweep(fleet.folder, 'sweep', 'services', '--json', '--verbose');
    const shown = [await sweep()];
    fleet.vcenter.misbehave({ kind: 'html', operation: 'CloneSession' });
    shown.push(await sweep());
    fleet.vcenter.misbehave({ kind: 'soap-fault', operation: 'Login', fault: 'InvalidLogin' });
    shown.push(await sweep());
    shown.push(await vsweep(fleet.folder, 'blacklist', 'list', '--json'));

    expect(shown.map(({ exitCode }) => exitCode)).toEqual([3, 1, 1, 0]);
    expect(gateway.seen.map(({ headers }) => headers.authorization !== undefined)).toEqual([
      true,
      true,
      true,
    ]);
    const kept = await filesBelow(join(fleet.folder, 'state'));
    expect([...kept.keys()].map((file) => basename(file)).toSorted()).toEqual([
      'acknowledged',
      'state.lock',
      'state.sqlite',
      'version.key',
    ]);
    const places = [
      ...shown.flatMap(({ output, errors }) => [output, errors]),
      ...gateway.seen.map(({ text, path }) => `${path}\n${text}`),
      ...Array.from(kept.values(), (bytes) => bytes.toString('latin1')),
    ];
    for (const mark of MARKS) expect(places.filter((place) => place.includes(mark))).toEqual([]);
  });
});
