import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { runVsweep } from '../../support/peers/run-vsweep.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { startVcsim, type Vcsim } from '../../support/peers/vcsim.ts';

const names = Array.from({ length: 4 }, (_, i) => `esx0${i}.example.org`);

/** What `vsweep poll` needs of its folder. */
async function writeConfig(folder: string, { url, certificateFile, user, password }: Vcsim): Promise<string> {
  const file = join(folder, 'vsweep.yaml');
  await writeFile(
    file,
    `targets: [{ name: vc01, url: "${url}", credentials: { file: vc.yaml }, tls: { ca: "${certificateFile}" } }]\n` +
      'sweeps: [{ name: services, every: 1m, collectors: [overall-status] }]\nstate: { path: state }\n',
  );
  await writeFile(join(folder, 'vc.yaml'), `username: ${user}\npassword: ${password}\n`, { mode: 0o600 });
  return file;
}

describeWithPeers(['vcsim'], 'vsweep poll on vcsim', () => {
  let vcsim: Vcsim;
  let folder: TemporaryFolder;
  let config: string;

  beforeAll(async () => {
    vcsim = await startVcsim({ clusters: 2, hostsPerCluster: 2, names });
    folder = await createTemporaryFolder('poll');
    config = await writeConfig(folder.path, vcsim);
  });
  afterAll(async () => {
    await folder?.[Symbol.asyncDispose]();
    await vcsim?.[Symbol.asyncDispose]();
  });

  const poll = async (...args: string[]) => {
    const result = await runVsweep(['poll', '-V', 'vc01', '--json', '--config', config, ...args]);
    return { ...result, reply: JSON.parse(result.stdout) };
  };

  it('says who answers', async () => {
    const { reply, exitCode, stderr } = await poll('-m', 'about', '-p', 'fullName,apiType,patchLevel,x');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(reply).toMatchObject({
      success: 0,
      result: [
        { fullName: expect.stringMatching(/^VMware vCenter Server/), apiType: 'VirtualCenter', x: '(null)' },
      ],
    });
  });

  it('discovers every host with its properties, of any depth and kind', async () => {
    const properties = [
      'runtime.powerState',
      'runtime.bootTime',
      'summary.hardware.memorySize',
      'hardware.cpuInfo.numCpuCores',
      'config.service.service',
      'network',
      'configManager.serviceSystem',
    ];
    const { reply, exitCode } = await poll('-m', 'host.discover', '-p', properties.join(','));
    expect(exitCode).toBe(0);
    expect(reply.msg).toBe('Successfully discovered objects');
    const hosts = reply.result as { name: string }[];
    expect(hosts.map(({ name }) => name).toSorted()).toEqual(names);
    for (const host of hosts) {
      expect(host).toMatchObject({
        'runtime.powerState': 'poweredOn',
        'runtime.bootTime': expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        'summary.hardware.memorySize': expect.any(Number),
        'hardware.cpuInfo.numCpuCores': expect.any(Number),
        network: [expect.stringMatching(/^'vim\.Network:network-\d+'$/)],
      });
    }
  });

  it('takes the old name of a method, and -u for the url of a datastore', async () => {
    const { reply } = await poll('-m', 'datastore.discover', '-p', 'info.url');
    const [{ name, 'info.url': url }] = reply.result;
    const asked = await poll('-m', 'datastore.poll', '-u', url, '-p', 'summary.accessible');
    expect(asked.reply.result).toEqual([{ name, 'info.url': url, 'summary.accessible': true }]);
    const both = ['poll', '-V', 'vc01', '-m', 'datastore.get', '-u', url, '-n', name, '--config', config];
    expect(await runVsweep(both)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--name') });
  });

  it('leaves out what a host that is lost does not have', async () => {
    await vcsim.change(names[1] ?? '', 'not-responding');
    const { reply } = await poll('-m', 'host.discover', '-p', 'config.lockdownMode,runtime.connectionState');
    const hosts = new Map((reply.result as { name: string }[]).map((host) => [host.name, host]));
    expect(hosts.get('esx01.example.org')).toEqual({
      name: 'esx01.example.org',
      'runtime.connectionState': 'notResponding',
    });
    expect(hosts.get('esx02.example.org')).toHaveProperty(['runtime.connectionState'], 'connected');
  });

  it('ends with 1 when the reply is no success, and with 2 when it was asked wrongly', async () => {
    const { reply, exitCode } = await poll('-m', 'host.reboot');
    expect(reply).toEqual({ success: 1, msg: 'Unknown or missing task/method name' });
    expect(exitCode).toBe(1);
    expect(await runVsweep(['poll', '-V', 'vc01'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--method <method>'),
    });
  });

  it('prints a line an object for people', async () => {
    const { stdout } = await runVsweep(
      ['poll', '-V', 'vc01', '-m', 'host.discover', '-p', 'runtime.powerState', '--config', config],
      {},
    );
    const [header, ...lines] = stdout.trimEnd().split('\n');
    expect(header).toMatch(/^name +runtime\.powerState$/);
    expect(lines.toSorted()).toEqual(names.map((name) => `${name}  poweredOn`));
  });

  it('leaves no session', async () => {
    expect(await vcsim.openSessions()).toBe(0);
  });
});
