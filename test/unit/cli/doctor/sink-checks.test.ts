import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sinkChecks } from '../../../../lib/cli/doctor/checks/sinks.ts';
import type { Check } from '../../../../lib/cli/doctor/engine/check.ts';
import type { Surroundings } from '../../../../lib/cli/doctor/engine/surroundings.ts';
import { green } from '../../../../lib/cli/doctor/verdicts/verdict.ts';
import { systemClock } from '../../../../lib/platform/clock.ts';
import { silentLog } from '../../../../lib/platform/log.ts';
import { createTemporaryFolder } from '../../../support/peers/temporary-folder.ts';
import { printVerdict } from '../../../support/print-verdict.ts';
import { configOf, target } from '../../config/deployable.ts';

const { signal } = new AbortController();

function checksOf(sections: object): readonly Check[] {
  const whole = configOf({ targets: [target('vc01')], ...sections });
  const surroundings = {
    loaded: { config: { ...whole, aws: undefined }, certificates: new Map() },
    env: {},
    clock: systemClock,
    log: silentLog,
  } as unknown as Surroundings;
  return sinkChecks(surroundings, (path) => [{ name: 'before', subject: path, run: async () => green('') }]);
}

it('each sink is probed behind its own section; the output of the command is none', () => {
  const checks = checksOf({
    esxi: { credentials: { env: 'E' } },
    netbox: { url: 'https://netbox', filter: { role: ['esxi'] } },
    push: { url: 'https://gw' },
    victoriaMetrics: { url: 'https://vm' },
    remoteWrite: { url: 'https://rw' },
    otlp: { url: 'https://otlp' },
    textfile: { path: '/t' },
    stdout: {},
  });
  expect(
    checks.map(({ name, subject, after = [], ms }) => [
      name,
      subject,
      after.map((one) => one.subject).join(),
      ms,
    ]),
  ).toEqual([
    ['sink', 'pushgateway', 'push', 60_000],
    ['sink', 'victoriametrics', 'victoriaMetrics', 60_000],
    ['sink', 'remotewrite', 'remoteWrite', 60_000],
    ['sink', 'otlp', 'otlp', 60_000],
    ['sink', 'textfile', '', 60_000],
  ]);
  expect(checksOf({ stdout: {} })).toEqual([]);
});

it('a folder takes a probe and loses it again, or is made by a command', async () => {
  await using folder = await createTemporaryFolder('sink checks');
  const path = join(folder.path, 'a b');
  const tell = async () =>
    printVerdict((await checksOf({ textfile: { path } })[0]?.run({ signal })) as never);
  expect(await tell()).toMatch(new RegExp(`^red: ${path} is no folder\\. .* \\| mkdir -p '${path}'$`));
  await mkdir(path);
  expect(await tell()).toBe('green: a probe series was written, and taken away again');
  expect(await readdir(path)).toEqual([]);
});

it('a probe has no line when the command is stopped', async () => {
  const stopped = AbortSignal.abort(new Error('stopped'));
  const [check] = checksOf({ textfile: { path: '/nonexistent' } });
  await expect(check?.run({ signal: stopped })).rejects.toThrow('stopped');
});
