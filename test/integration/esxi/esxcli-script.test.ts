import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { demoChecks } from '../../../lib/demo/esxi-sshd/checks.ts';
import { PROBES } from '../../../lib/esxi/probes/registry.ts';
import { prepareProbes } from '../../../lib/esxi/session/prepare-probes.ts';
import type { Probe } from '../../../lib/esxi/session/probe.ts';
import {
  type EsxcliMode,
  nameOf,
  writeEsxcliAnswers,
  writeMode,
} from '../../support/esxi/write-esxcli-answers.ts';

const NONCE = 'abcdefgh12345678';
const STAND_IN = resolve(import.meta.dirname, '../../peers/sshd/esxcli');
const which = (command: string) =>
  spawnSync('/bin/sh', ['-c', `command -v ${command}`], { encoding: 'utf8' }).stdout.trim();
const busybox = which('busybox');
const dash = which('dash');

const SHELLS = [
  { name: 'dash', program: dash, hasSetsid: true },
  { name: 'busybox ash, as on ESXi', program: busybox, hasSetsid: true },
  { name: 'busybox ash without setsid', program: busybox, hasSetsid: false },
];
/** CI sets it: a missing shell fails there instead of being skipped. */
const peersRequired = process.env['REQUIRE_PEERS'] === '1';

const byEsxcli = PROBES.filter((probe) =>
  probe.commands({ services: [] }).some(({ shape }) => shape !== undefined),
);
const named = (...names: readonly string[]): Probe[] => PROBES.filter(({ name }) => names.includes(name));

for (const { name, program, hasSetsid } of SHELLS) {
  describe.skipIf(program === '' && !peersRequired)(`checks by esxcli, run by ${name}`, () => {
    let bin = '';
    let answers = '';

    beforeEach(async () => {
      bin = mkdtempSync(join(tmpdir(), 'vsweep-bin-'));
      answers = mkdtempSync(join(tmpdir(), 'vsweep-esxcli-'));
      const isBusybox = program === busybox;
      symlinkSync(program, join(bin, 'sh'));
      for (const tool of hasSetsid ? ['sleep', 'setsid'] : ['sleep'])
        symlinkSync(isBusybox ? busybox : which(tool), join(bin, tool));
      for (const cli of ['esxcli', 'localcli']) symlinkSync(STAND_IN, join(bin, cli));
      await writeEsxcliAnswers(answers, demoChecks({ deadPaths: 2, crcErrors: 41 }).esxcli.answers);
      return () => {
        rmSync(bin, { recursive: true });
        rmSync(answers, { recursive: true });
      };
    });

    const session = async (probes: readonly Probe[]) => {
      const prepared = prepareProbes(probes, { services: [] }, { sessionMs: 3_600_000 });
      const child = spawn(join(bin, 'sh'), ['-c', prepared.script(NONCE)], {
        env: { PATH: bin, ESXCLI_ANSWERS: answers },
        detached: true,
      });
      const chunks: Buffer[] = [];
      child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
      await new Promise((done) => child.on('close', done));
      const stdout = Buffer.concat(chunks).toString('latin1');
      const { readings, failed, warnings } = prepared.read(stdout, NONCE);
      return {
        stdout,
        readings: Object.fromEntries(readings),
        failed: failed.map(({ probe, why }) => [probe, why]),
        warnings: warnings.filter((warning) => !warning.startsWith('the host has no setsid')),
      };
    };
    const mode = (changes: EsxcliMode) => writeMode(answers, changes);

    it.each(['json', 'csv'] as const)(
      'have a reading each, in the formats of a host whose newest is %s',
      async (format) => {
        await mode({ format });
        const { readings, failed, warnings, stdout } = await session(byEsxcli);
        expect(failed).toEqual([]);
        expect(warnings).toEqual([]);
        expect(Object.keys(readings).toSorted()).toEqual(byEsxcli.map((probe) => probe.name).toSorted());
        // dash has no `read -n`, and json is one long line.
        expect(stdout).toContain(`@@${NONCE} - cli esxcli ${name === 'dash' ? 'csv' : format}\n`);
        expect(readings).toMatchObject({
          hostd: true,
          'storage-paths': { active: 4, dead: 2 },
          'nic-errors': [
            { nic: 'vmnic0', counters: expect.arrayContaining([['receive_crc', 41]]) },
            { nic: 'vmnic1', counters: expect.arrayContaining([['receive_crc', 0]]) },
          ],
          'disk-smart': [{ disk: 't10.NVMe____DEMO0001', isHealthy: true }],
          'nvme-health': [{ adapter: 'vmhba4', usedPercent: 3 }],
        });
      },
    );

    it('go by localcli when hostd is dead, and say so', async () => {
      await mode({ hostd: 'dead' });
      const { readings, failed, warnings } = await session(named('hostd', 'storage-paths', 'nic-errors'));
      expect(failed).toEqual([]);
      expect(readings).toMatchObject({ hostd: false, 'storage-paths': { dead: 2 } });
      expect(warnings).toEqual([expect.stringContaining('so localcli was asked')]);
    });

    it('go by localcli when hostd hangs, after one attempt', async () => {
      await mode({ hostd: 'hung' });
      const { readings, failed } = await session(named('hostd', 'storage-paths'));
      expect(failed).toEqual([]);
      expect(readings).toMatchObject({ hostd: false, 'storage-paths': { dead: 2 } });
    }, 60_000);

    it('fail by name on a host that has no esxcli', async () => {
      rmSync(join(bin, 'esxcli'));
      rmSync(join(bin, 'localcli'));
      const { readings, failed, warnings } = await session(named('hostd', 'storage-paths', 'nic-errors'));
      expect(readings).toEqual({});
      expect(failed).toEqual([
        ['hostd', 'the host has no esxcli that answers'],
        ['storage-paths', 'the host has no esxcli'],
        ['nic-errors', 'the host has no esxcli'],
      ]);
      expect(warnings).toEqual([expect.stringContaining('neither esxcli nor localcli answers')]);
    });

    it('cost only themselves: one that hangs, one that floods, one that is not there, one that prints half', async () => {
      const storage = 'storage core path list';
      writeFileSync(join(answers, `${nameOf(storage)}.hung`), '');
      writeFileSync(join(answers, `${nameOf('software vib list')}.flood`), '');
      rmSync(join(answers, `${nameOf('system settings advanced list -d')};Path.csv`));
      writeFileSync(
        join(answers, `${nameOf('system visorfs ramdisk list')}.csv`),
        'RamdiskName,Maximum,Used,\nroot,1',
      );
      await mode({ format: 'csv' });
      const quick = named('storage-paths', 'vibs').map((probe) => ({ ...probe, seconds: 1 }));
      const { readings, failed } = await session([
        ...quick,
        ...named('advanced-settings', 'ramdisks', 'hostd', 'nic-errors'),
      ]);
      expect(Object.keys(readings).toSorted()).toEqual(['hostd', 'nic-errors']);
      expect(failed).toEqual([
        [
          'storage-paths',
          '"esxcli storage core path list" did not end in 1 s and was killed; run it on the host',
        ],
        ['vibs', '"esxcli software vib list" did not end in 1 s and was killed; run it on the host'],
        [
          'advanced-settings',
          expect.stringContaining('ended with code 1: Error: Unknown command or namespace'),
        ],
        ['ramdisks', expect.stringContaining('is cut off or broken: its row 1 has other columns')],
      ]);
    }, 60_000);

    it('keep the answers of the NICs that answer when one hangs', async () => {
      writeFileSync(join(answers, `${nameOf('network nic stats get -n vmnic0')}.hung`), '');
      const { readings, failed } = await session(
        named('nic-errors').map((probe) => ({ ...probe, seconds: 5 })),
      );
      expect(failed).toEqual([]);
      expect(readings['nic-errors']).toEqual([{ nic: 'vmnic1', counters: expect.anything() }]);
    }, 60_000);

    it('ask no device whose name a shell would read differently', async () => {
      writeFileSync(
        join(answers, `${nameOf('network nic list')}.keyvalue`),
        'structure[0].Nic.Name.string=$(reboot)\nstructure[1].Nic.Name.string=a b\nstructure[2].Nic.Name.string=*\n' +
          'structure[3].Nic.Name.string=vmnic1\n',
      );
      const { readings } = await session(named('nic-errors'));
      expect(readings['nic-errors']).toMatchObject([{ nic: 'vmnic1' }]);
    });
  });
}
