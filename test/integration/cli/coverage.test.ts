import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { vsweep } from './vsweep-command.ts';

const rules = (...expressions: string[]) =>
  JSON.stringify({
    groups: [{ name: 'g', rules: expressions.map((expr, at) => ({ alert: `A${at}`, expr })) }],
  });
const CONFIG = `targets:
  - { name: vc1, credentials: { env: VC1 } }
metrics: { preset: otel }
sweeps:
  - { name: hosts, every: 1m, collectors: [hosts] }
`;

describe('vsweep coverage', () => {
  let folder: TemporaryFolder;
  const run = (...args: string[]) => vsweep(folder.path, 'coverage', ...args);
  const write = (file: string, text: string) => writeFile(join(folder.path, file), text);
  beforeAll(async () => {
    folder = await createTemporaryFolder('coverage');
    await write(
      'good.yml',
      'groups:\n- rules:\n  - alert: A\n    expr: vmware_host_connected == 0\n---\ngroups: []\n',
    );
    await write('bad.yml', rules('vmware_host_connection_state != 1', 'up == 0'));
    await write('otel.yml', rules('vcenter_host_cpu_utilization_percent > 90'));
    await write('vsweep.yaml', CONFIG);
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  it('exits 0 if every expression can have an answer, and 1 if one cannot, which it names', async () => {
    expect(await run('good.yml')).toMatchObject({
      exitCode: 0,
      output: 'good.yml: 1 expression, 1 can have an answer\n',
    });
    const { exitCode, output } = await run('good.yml', 'bad.yml');
    expect(exitCode).toBe(1);
    expect(output.split('\n').slice(0, 4)).toEqual([
      'good.yml: 1 expression, 1 can have an answer',
      'bad.yml: 2 expressions, 1 can have an answer, 1 cannot, or not as they are written, 1 ask for series that are not of vSphere',
      '  alert A0: vmware_host_connection_state != 1',
      expect.stringContaining('    never-true: vmware_host_connection_state != 1 is never true'),
    ]);
    expect((await run('good.yml', '--verbose')).output).toContain('    vmware_host_connected: vsweep\n');
  });

  it('prints in JSON each expression with its series and findings', async () => {
    const { output } = await run('bad.yml', '--json');
    expect(JSON.parse(output)).toMatchObject([
      {
        file: 'bad.yml',
        problems: [],
        expressions: [
          { of: 'alert A0', series: [{ from: 'vsweep' }], findings: [{ kind: 'never-true' }] },
          { of: 'alert A1', series: [{ name: 'up', from: 'other exporter' }], findings: [] },
        ],
      },
    ]);
  });

  it('judges by a configuration, by presets and by the labels that Prometheus adds', async () => {
    expect((await run('otel.yml')).exitCode).toBe(1);
    expect((await run('otel.yml', '--config', 'vsweep.yaml')).exitCode).toBe(0);
    expect((await run('otel.yml', '--preset', 'vmware_exporter,otel')).exitCode).toBe(0);
    expect((await run('good.yml', '--config', 'vsweep.yaml')).output).toContain('not-configured');
    await write('env.yml', rules('sum by (env) (vmware_host_connected{env="qa"}) == 0'));
    expect((await run('env.yml')).exitCode).toBe(1);
    expect((await run('env.yml', '--labels', 'env')).exitCode).toBe(0);
  });

  it('knows the own metrics of a configuration', async () => {
    const own = `${CONFIG.replace('{ preset: otel }', '{ own: { my_heartbeat: { property: VirtualMachine guestHeartbeatStatus, states: [green, red] } } }')}  - { name: own, every: 5m, collectors: [own] }\n`;
    await write('own.yaml', own);
    await write('own.yml', rules('my_heartbeat{vm_name="web"} == 1', 'my_heartbeat == 2'));
    const { output } = await run('own.yml', '--config', 'own.yaml');
    expect(output).toContain('own.yml: 2 expressions, 1 can have an answer, 1 cannot');
  });

  it('takes recording rules of one file for series of another', async () => {
    await write('records.yml', JSON.stringify({ groups: [{ rules: [{ record: 'vmware_x', expr: 'up' }] }] }));
    await write('uses.yml', rules('vmware_x > 1'));
    expect((await run('uses.yml')).exitCode).toBe(1);
    expect((await run('uses.yml', 'records.yml')).exitCode).toBe(0);
  });

  it('reads a map with very many keys, and refuses YAML that would take long', async () => {
    const keys = Array.from({ length: 60_000 }, (_, at) => `k${at}: 1`).join('\n');
    await write('keys.yml', `${keys}\nexpr: vmware_host_connected == 0\n`);
    expect(await run('keys.yml')).toMatchObject({ exitCode: 0 });
    // Each alias is looked for from the start.
    const aliases = Array.from({ length: 20_000 }, (_, at) => `- &a${at} x\n- *a${at}`).join('\n');
    await write('aliases.yml', aliases);
    expect((await run('aliases.yml')).output).toContain('neither JSON nor YAML');
    await write('large.yml', `${keys}\n${'# \n'.repeat(200_000)}`);
    expect((await run('large.yml')).output).toContain('more than 1 MB of YAML');
  }, 60_000);

  it.each([
    ['empty.yml', ''],
    ['words.txt', 'no rules here'],
    ['config.yml', 'scrape_configs: []'],
    ['broken.json', '{ "groups": ['],
    ['tabs.yml', 'groups:\n\t- a: [\n'],
    [
      'bomb.yml',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefghi'].map((one, at) => `${one}: &${one} [${`*${'abcdefghi'[at]},`.repeat(9)}]`).join('\n')}\n`,
    ],
    ['deep.json', `${'['.repeat(200_000)}${']'.repeat(200_000)}`],
    ['deep.yml', `a: ${'['.repeat(20_000)}`],
    ['proto.json', '{ "__proto__": { "expr": 1 }, "constructor": null }'],
  ])('exits 1 for a file without an expression: %s', async (file, text) => {
    await write(file, text);
    const { exitCode, output } = await run(file);
    expect(exitCode).toBe(1);
    expect(output).toMatch(new RegExp(`^${file}: 0 expressions, 0 can have an answer\\n  \\S`));
  });

  it('exits 2 for a file that cannot be read, that has no end, and for a wrong option', async () => {
    const missing = await run('missing.yml');
    expect([missing.exitCode, missing.errors]).toEqual([2, expect.stringContaining('missing.yml: 1 fault')]);
    const endless = await run('/dev/zero');
    expect([endless.exitCode, endless.errors]).toEqual([2, expect.stringContaining('more than 10 MB')]);
    expect((await run(folder.path)).exitCode).toBe(2);
    expect((await run('good.yml', '--preset', 'telegraf')).exitCode).toBe(2);
    expect((await run('good.yml', '--config', 'missing.yaml')).exitCode).toBe(2);
    expect((await run()).exitCode).toBe(2);
  });

  it('prints no control character of a file', async () => {
    await write('rude.json', JSON.stringify({ title: '\u001b[2J\u0007', expr: 'vmware_\u001b[31mx' }));
    const { output } = await run('rude.json');
    expect(output).toContain('panel');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(output.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f]/);
  });
});
