import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { answer, noGroups, startGateway } from '../sinks/gateway.ts';
import { startSmallFleet } from '../sweep/small-fleet.ts';
import { vsweep } from './vsweep-command.ts';

const LISTS = { answersLists: true };

describe('vsweep groups', () => {
  it('lists what the state knows when the gateway does not answer, says why, and exits 1', async () => {
    await using gateway = await startGateway(
      [noGroups, answer(200), answer(403, 'no list for you')],
      undefined,
      LISTS,
    );
    await using fleet = await startSmallFleet({ hosts: [{}], pushUrl: gateway.url });
    await fleet.sweep();
    const { output, errors, exitCode } = await vsweep(fleet.folder, 'groups', 'list', '--json');
    expect(exitCode).toBe(1);
    expect(JSON.parse(output)).toEqual([
      { job: 'vsweep_services', instance: 'vc1', isRecorded: true, isConfigured: true },
    ]);
    expect(errors).toContain('403');
    expect(errors).toContain('no list for you');
    expect(gateway.seen.at(-1)).toMatchObject({ method: 'GET', path: '/api/v1/metrics' });
    expect(gateway.seen.at(-1)?.headers.authorization).toMatch(/^Basic /);
  });

  it('does not say that nothing was pushed when the gateway does not answer and nothing is recorded', async () => {
    await using gateway = await startGateway([answer(403, 'no list for you')], undefined, LISTS);
    await using fleet = await startSmallFleet({ hosts: [{}], pushUrl: gateway.url });
    const { output, errors, exitCode } = await vsweep(fleet.folder, 'groups', 'list');
    expect([output, exitCode]).toEqual(['no group is recorded\n', 1]);
    expect(errors).toContain('no list for you');
  });

  it('keeps the record of a group that the gateway did not delete', async () => {
    await using gateway = await startGateway([answer(200), answer(403, 'read only')]);
    await using fleet = await startSmallFleet({ hosts: [{}], pushUrl: gateway.url });
    await fleet.sweep();
    const deleted = await vsweep(fleet.folder, 'groups', 'delete', 'vsweep_services', 'vc1');
    expect(deleted).toMatchObject({ output: '', exitCode: 1 });
    expect(deleted.errors).toContain('read only');
    const { output } = await vsweep(fleet.folder, 'groups', 'list');
    expect(output).toMatch(/^vsweep_services +vc1 +yes +not at the gateway +-$/m);
  });

  it('leaves on record a group that nobody configures any more, whose file the next run deletes', async () => {
    await using gateway = await startGateway([answer(200)]);
    await using fleet = await startSmallFleet({
      hosts: [{}, {}],
      targets: { one: [1], two: [2] },
      pushUrl: gateway.url,
    });
    const [config, files] = [join(fleet.folder, 'vsweep.yaml'), join(fleet.folder, 'files')];
    await mkdir(files);
    await appendFile(config, `\ntextfile: { path: ${files} }\n`);
    await vsweep(fleet.folder, 'sweep', 'services');
    expect(await readdir(files)).toHaveLength(2);
    await writeFile(config, (await readFile(config, 'utf8')).replace(/^ {2}- \{ name: two,.*\n/m, ''));
    await vsweep(fleet.folder, 'groups', 'delete', 'vsweep_services', 'two');
    await vsweep(fleet.folder, 'sweep', 'services');
    expect(await readdir(files)).toHaveLength(1);
  });

  it('deletes nothing that is not known as its own', async () => {
    await using gateway = await startGateway([noGroups]);
    await using fleet = await startSmallFleet({ hosts: [{}], pushUrl: gateway.url });
    const { errors, exitCode } = await vsweep(fleet.folder, 'groups', 'delete', 'node', 'vc1');
    expect(exitCode).toBe(1);
    expect(errors).toContain('no group node/vc1 was pushed');
    expect(gateway.seen).toEqual([]);
  });

  it('deletes the parts that only the gateway knows, after the loss of the state, and says when there is nothing', async () => {
    const parts = ['0', '1'].map((part) => ({
      labels: { job: 'vsweep_services', instance: 'vc1', vsweep_part: part },
      last_push_successful: true,
    }));
    const listed = answer(200, JSON.stringify({ status: 'success', data: parts }));
    await using gateway = await startGateway([listed, answer(202), answer(202), noGroups], undefined, LISTS);
    await using fleet = await startSmallFleet({ hosts: [{}], pushUrl: gateway.url });
    const remove = () => vsweep(fleet.folder, 'groups', 'delete', 'vsweep_services', 'vc1');
    expect((await remove()).output).toBe(
      'vsweep_services/vc1 is deleted; the next run of its sweep pushes it again\n',
    );
    expect(gateway.seen.slice(1).map(({ method, path }) => `${method} ${path}`)).toEqual(
      ['0', '1'].map((part) => `DELETE /metrics/job/vsweep_services/instance/vc1/vsweep_part/${part}`),
    );
    expect((await remove()).output).toContain(
      'vsweep_services/vc1 is not at the gateway; nothing was deleted',
    );
  });

  it('needs to know the gateway to delete, and exits 2 without', async () => {
    await using fleet = await startSmallFleet({ hosts: [{}] });
    const { errors, exitCode } = await vsweep(fleet.folder, 'groups', 'delete', 'vsweep_services', 'vc1');
    expect(exitCode).toBe(2);
    expect(errors).toContain('push');
  });
});
