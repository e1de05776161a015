import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { vsweep } from '../../integration/cli/vsweep-process.ts';
import { startSmallFleet } from '../../integration/sweep/small-fleet.ts';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { startPushgateway } from '../../support/peers/pushgateway.ts';

describeWithPeers(['pushgateway'], 'the groups of a real Pushgateway', () => {
  it('are listed as they are there, deleted on demand, and when the configuration no longer names them', async () => {
    await using gateway = await startPushgateway();
    const push = async (path: string, text: string) =>
      (await fetch(`${gateway.url}/metrics/${path}`, { method: 'PUT', body: text })).status;
    await using fleet = await startSmallFleet({
      hosts: [{}, {}],
      targets: { one: [1], two: [2] },
      pushUrl: gateway.url,
    });
    const list = async () => {
      const { output, errors } = await vsweep(fleet.folder, 'groups', 'list', '--json');
      expect(errors).toBe('');
      return JSON.parse(output);
    };
    const job = 'vsweep_services';
    expect(await push('job/node/instance/one', 'somebody_elses 1\n')).toBe(200);
    expect(await list()).toEqual([]);
    const before = Date.now();
    await fleet.sweep();
    const taken = { lastPushSuccessful: true, pushedAt: expect.closeTo(before, -5) };
    expect(await list()).toMatchObject([
      { job, instance: 'one', isConfigured: true, isRecorded: true, gateway: taken },
      { job, instance: 'two', isConfigured: true, isRecorded: true, gateway: taken },
    ]);

    // Of another type in the group of the other target: malformed text alone is not noted by the gateway.
    expect(
      await push(`job/${job}/instance/one`, '# TYPE vsweep_target_up counter\nvsweep_target_up 1\n'),
    ).toBe(400);
    expect(await list()).toMatchObject([{ gateway: { failedAt: expect.any(Number) } }, { gateway: taken }]);
    const { output: table } = await vsweep(fleet.folder, 'groups', 'list');
    expect(table).toMatch(/^vsweep_services +one +yes +\d+ s ago +LAST PUSH REJECTED$/m);

    const deleted = await vsweep(fleet.folder, 'groups', 'delete', job, 'one');
    expect(deleted).toMatchObject({ errors: '', exitCode: 0 });
    expect(deleted.output).toContain('the next run of its sweep pushes it again');
    expect(await list()).toMatchObject([{ instance: 'two' }]);

    const file = join(fleet.folder, 'vsweep.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(/^ {2}- \{ name: two,.*\n/m, ''));
    expect(await list()).toMatchObject([{ instance: 'two', isConfigured: false, gateway: taken }]);
    expect(await push(`job/${job}/instance/forgotten`, 'left_behind 1\n')).toBe(200);
    await vsweep(fleet.folder, 'sweep', 'services');
    expect(await list()).toMatchObject([
      { instance: 'one', isConfigured: true, isRecorded: true },
      { instance: 'forgotten', isConfigured: false, isRecorded: false },
    ]);
    const forgotten = await vsweep(fleet.folder, 'groups', 'delete', job, 'forgotten', '--json');
    expect(JSON.parse(forgotten.output)).toEqual({
      deleted: { job, instance: 'forgotten' },
      isConfigured: false,
    });
    const left = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(left).toContain('somebody_elses{instance="one",job="node"} 1');
    expect(left).not.toContain('instance="forgotten"');
  });
});
