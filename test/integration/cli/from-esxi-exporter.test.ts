import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { startDemoEsxi } from '../../../lib/demo/esxi-sshd.ts';
import { type DemoVcenterHost, startDemoVcenter } from '../../../lib/demo/vcenter/demo-vcenter.ts';
import { parseExposition } from '../../support/exposition.ts';
import { freePort } from '../../support/peers/free-port.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { blocksOf } from '../../unit/docs/pages.ts';
import { vsweep } from './vsweep-command.ts';
import { type Ended, start } from './vsweep-process.ts';

const PAGE = 'docs/from-esxi-exporter.md';
const SECRETS = ['marked-vcenter-password', 'marked-esxi-password'] as const;
/** The second one's hostd is dead, nothing listens on the third. */
const HOSTS = [1, 2, 3].map((number) => `127.0.71.${number}`);

const OLD_CONFIG = `port: 1
ssl_verify: false
collectors:
  overall_state_collector: { enabled: true }
  critical_service_collector: { enabled: true, max_threads: 10, services: [hostd, nsx-opsagent, nsxa] }
`;

const toVcenterHost = (name: string, index: number): DemoVcenterHost => ({
  moref: `host-${index + 1}`,
  name,
  cluster: 'c1',
  datacenter: 'dc1',
  connectionState: 'connected',
  powerState: 'poweredOn',
  inMaintenanceMode: false,
  lockdownMode: 'lockdownDisabled',
  overallStatus: index === 1 ? 'red' : 'green',
  services: [{ key: 'TSM-SSH', running: true }],
});

/** A fleet, and what its operator would write in place of the values of the page. */
async function startFleet() {
  await using starting = new AsyncDisposableStack();
  const folder = starting.use(await createTemporaryFolder('over')).path;
  const vcenter = starting.use(
    await startDemoVcenter({ users: { monitoring: SECRETS[0] }, hosts: HOSTS.map(toVcenterHost) }),
  );
  const esxi = starting.use(
    await startDemoEsxi({
      user: 'root',
      password: SECRETS[1],
      hosts: HOSTS.map((address, index) => ({
        address,
        behaviour: index === 2 ? 'closed' : 'normal',
        services: { hostd: index === 1 ? 'stopped' : 'running', 'nsx-opsagent': 'running' },
      })),
    }),
  );
  const port = await freePort();
  const atlas = [
    { labels: { job: 'vcenter', server_name: new URL(vcenter.url).host, site: 'qa-de-1a' } },
    ...HOSTS.map((name) => ({ labels: { job: 'vmware-esxi', name, site: 'qa-de-1a', status: 'Active' } })),
  ];
  await writeFile(join(folder, 'atlas.json'), JSON.stringify(atlas));
  await writeFile(join(folder, 'config.yaml'), OLD_CONFIG);
  const resources = starting.move();
  return {
    folder,
    port,
    sha256: vcenter.sha256,
    sessions: () => vcenter.sessions(),
    values: {
      VCENTER_URL: vcenter.url,
      VCENTER_USER: 'monitoring',
      VCENTER_PASSWORD: SECRETS[0],
      ESXI_USER: 'root',
      ESXI_PASSWORD: SECRETS[1],
      CONFIG_FILE: 'config.yaml',
      ATLAS_FILE: 'atlas.json',
    } as Record<string, string>,
    env: { XDG_STATE_HOME: folder, EXPORTER_PORT: String(port), VSWEEP_SSH_PORT: String(esxi.port) },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
type Fleet = Awaited<ReturnType<typeof startFleet>>;

/** Types what the page says, line by line; `without` names the variables of the other version. */
async function follow(fleet: Fleet, { without }: { without: readonly string[] }) {
  const env: Record<string, string> = { ...fleet.env };
  const seen: (Ended & { command: string })[] = [];
  const blocks = blocksOf(PAGE).filter(({ language }) => language === 'sh');
  for (const line of blocks.flatMap(({ text }) => text.trimEnd().split('\n'))) {
    const exported = /^export (\w+)=/.exec(line)?.[1];
    if (exported === 'VSWEEP_TLS_SHA256') {
      // As the message before it says.
      const [, name = '', value = ''] = /(VSWEEP_TLS_SHA256)=(\S+)/.exec(seen.at(-1)?.errors ?? '') ?? [];
      env[name] = value;
    } else if (exported !== undefined) {
      const value = fleet.values[exported];
      if (value === undefined) throw new Error(`${PAGE} sets ${exported}, which nobody has here`);
      if (!without.includes(exported)) env[exported] = value;
    } else {
      const command = /^npx vsweep (.+)$/.exec(line)?.[1];
      if (command === undefined) throw new Error(`${PAGE}: "${line}" is no command of vsweep`);
      seen.push({ command, ...(await type(command, fleet, env)) });
    }
  }
  return seen;
}

async function type(command: string, fleet: Fleet, env: Record<string, string>): Promise<Ended> {
  const [words = '', file] = command.split(' > ');
  if (words === 'run') return await runUntilServed(fleet, env);
  const ended = await vsweep({ folder: fleet.folder, env }, ...words.split(' '));
  if (file !== undefined) await writeFile(join(fleet.folder, file), ended.output);
  return ended;
}

/** What is served comes as the output. */
async function runUntilServed({ folder, port }: Fleet, env: Record<string, string>): Promise<Ended> {
  const { child, ended } = start({ folder, env }, 'run');
  let served = '';
  try {
    served = await pollUntil(
      'the metrics are served',
      async () => {
        const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
        return text.includes('esxi_critical_service_status{') ? text : undefined;
      },
      { timeoutMs: 60_000, everyMs: 200 },
    );
  } finally {
    child.kill('SIGTERM');
  }
  return { ...(await ended), output: served };
}

function valuesOf(text: string, name: string): Record<string, number> {
  const series = parseExposition(text).filter((one) => one.name === name);
  return Object.fromEntries(
    series.map(({ labels, value }) => [
      [labels['site'], labels['hostsystem'], labels['service']]
        .filter((label) => label !== undefined)
        .join(' '),
      value,
    ]),
  );
}

describe(PAGE, () => {
  it.each([
    ['first version', ['CONFIG_FILE', 'ATLAS_FILE'], '', 7],
    ['later version with its files', ['VCENTER_URL'], 'qa-de-1a', 3],
  ])('takes a user of the %s over', { timeout: 240_000 }, async (_version, without, site, services) => {
    await using fleet = await startFleet();
    const seen = await follow(fleet, { without });
    const [check, untrusted, dryRun, run, printed, again, ...others] = seen;
    expect(others).toEqual([]);
    expect(check).toMatchObject({ exitCode: 0, output: expect.stringContaining('  taken: ') });
    expect(untrusted?.errors).toContain(`VSWEEP_TLS_SHA256=${fleet.sha256}`);
    expect(dryRun).toMatchObject({
      exitCode: 3,
      errors: expect.stringContaining('failed(connection-refused)'),
    });
    for (const output of [dryRun?.output ?? '', run?.output ?? '']) {
      const critical = valuesOf(output, 'esxi_critical_service_status');
      expect(Object.keys(critical)).toHaveLength(2 * services);
      expect(critical).toMatchObject({
        [`${site} ${HOSTS[0]} hostd`]: 1,
        [`${site} ${HOSTS[0]} opsAgent`]: 1,
        [`${site} ${HOSTS[0]} nsxa`]: 0,
        [`${site} ${HOSTS[1]} hostd`]: 0,
      });
      expect(valuesOf(output, 'esxi_overall_status')).toEqual({
        [`${site} ${HOSTS[0]}`]: 2,
        [`${site} ${HOSTS[1]}`]: 0,
        [`${site} ${HOSTS[2]}`]: 2,
      });
    }
    expect(run).toMatchObject({ exitCode: 0 });
    expect(printed).toMatchObject({ exitCode: 0 });
    expect(parse(await readFile(join(fleet.folder, 'vsweep.yaml'), 'utf8'))).toMatchObject({
      targets: [{ credentials: { env: 'VCENTER' }, tls: { sha256: [fleet.sha256] } }],
    });
    // Its /metrics is open to the network, as that of esxi-exporter is.
    expect(again).toMatchObject({
      exitCode: 0,
      output: expect.stringMatching(/^vsweep\.yaml: ok, 1 warning\n/),
    });
    expect(again?.output).not.toMatch(/ignored.*(?:VCENTER_USER|ESXI_PASSWORD)/);
    for (const { output, errors } of seen) {
      for (const secret of SECRETS) expect(output + errors).not.toContain(secret);
    }
    expect(fleet.sessions()).toBe(0);
  });

  it('asks hosts of the atlas file by ssh for who has no account in vCenter', async () => {
    await using fleet = await startFleet();
    const withoutStatus = OLD_CONFIG.replace('overall_state_collector: { enabled: true }', '');
    await writeFile(join(fleet.folder, 'config.yaml'), withoutStatus);
    const { ESXI_USER = '', ESXI_PASSWORD = '', CONFIG_FILE = '', ATLAS_FILE = '' } = fleet.values;
    const env = { ...fleet.env, ESXI_USER, ESXI_PASSWORD, CONFIG_FILE, ATLAS_FILE };
    const { output, errors, exitCode } = await vsweep(
      { folder: fleet.folder, env },
      ...['sweep', 'hosts', '--dry-run'],
    );
    expect({ exitCode, errors }).toMatchObject({
      exitCode: 3,
      errors: expect.stringContaining('127.0.0.1: listed'),
    });
    expect(valuesOf(output, 'esxi_critical_service_status')).toMatchObject({
      [`qa-de-1a ${HOSTS[0]} hostd`]: 1,
      [`qa-de-1a ${HOSTS[1]} hostd`]: 0,
    });
    const counts = parseExposition(output).filter(({ name }) => name === 'vsweep_hosts');
    // Nobody asks a vCenter there.
    expect(counts.map(({ labels, value }) => [labels['path'], labels['outcome'], value])).toEqual([
      ['ssh', 'ok', 2],
      ['ssh', 'failed', 1],
    ]);
  });
});
