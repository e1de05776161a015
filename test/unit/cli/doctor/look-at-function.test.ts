import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AskAws } from '../../../../lib/cli/doctor/checks/stack/ask-aws.ts';
import type { FoundParts } from '../../../../lib/cli/doctor/checks/stack/found-parts.ts';
import { readLocalMark } from '../../../../lib/cli/doctor/checks/stack/local-mark.ts';
import { lookAtFunction, type StackContext } from '../../../../lib/cli/doctor/checks/stack/looks.ts';
import { NotAskedError } from '../../../../lib/cli/doctor/checks/stack/not-asked-error.ts';
import { VERSION } from '../../../../lib/cli/version.ts';
import { printBundledConfig } from '../../../../lib/config/bundled-config.ts';
import { fingerprintOf, printDescription } from '../../../../lib/config/deployed-mark.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../../support/peers/temporary-folder.ts';
import { printVerdict } from '../../../support/print-verdict.ts';

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await createTemporaryFolder('mark');
});
afterAll(() => folder[Symbol.asyncDispose]());

/** Writes a file that was last changed at that second. */
async function write(name: string, text: string, second: number): Promise<string> {
  const file = join(folder.path, name);
  await writeFile(file, text, { mode: 0o600 });
  await utimes(file, second, second);
  return file;
}

describe('what a deployment of a file would say of itself', () => {
  it('is its version and its fingerprint, and when it was last written', async () => {
    const file = await write('plain.yaml', 'targets: []\n', 7);
    expect(await readLocalMark(file)).toEqual({
      version: VERSION,
      configuration: fingerprintOf(printBundledConfig({ targets: [] }, { certificates: new Map() })),
      changedAt: 7_000,
    });
  });

  it('takes the files that the configuration names into account, too', async () => {
    await write('a.pem', 'PEM', 9);
    await write('known_hosts', 'KEYS', 12);
    const raw = {
      targets: [{ name: 'vc01', tls: { ca: 'a.pem' } }],
      esxi: { credentials: { env: 'X' }, hostKeys: { file: 'known_hosts' } },
    };
    const file = await write('files.yaml', JSON.stringify(raw), 7);
    const bundled = printBundledConfig(raw, {
      certificates: new Map([['a.pem', 'PEM']]),
      knownHosts: 'KEYS',
    });
    expect(await readLocalMark(file)).toEqual({
      version: VERSION,
      configuration: fingerprintOf(bundled),
      changedAt: 12_000,
    });
    await write('a.pem', 'PEM', 20);
    expect((await readLocalMark(file)).changedAt).toBe(20_000);
  });
});

describe('a look at a function', () => {
  async function find(
    name: 'sweep' | 'collect-batch' | 'poll',
    answers: { function?: object | undefined; eventInvoke?: () => Promise<object | undefined> },
    aws: object = {},
  ) {
    const file = await write('stack.yaml', 'targets: []\n', 7);
    const Description = printDescription(name, await readLocalMark(file));
    const found: Partial<FoundParts> = {};
    const context = { found, stack: 'Lab', aws, deploy: 'DEPLOY', restore: 'RESTORE', file };
    const asked: string[] = [];
    const ask = {
      function: async (of: string) => {
        asked.push(of);
        return answers.function && { State: 'Active', Description, ...answers.function };
      },
      eventInvoke: async (of: string) => {
        asked.push(of);
        return await answers.eventInvoke?.();
      },
    };
    const verdicts = await lookAtFunction(name, context as unknown as StackContext)(ask as unknown as AskAws);
    return { told: [verdicts].flat().map(printVerdict), found, asked };
  }
  const active = 'green: is active, and has this version and this configuration';
  const LoggingConfig = { LogGroup: 'g' };
  const eventInvoke = async () => ({
    MaximumRetryAttempts: 0,
    DestinationConfig: { OnFailure: { Destination: 'QUEUE' } },
  });

  it('keeps of the one that sweeps what it uses, and where its failed events go', async () => {
    const { told, found, asked } = await find('sweep', { function: { LoggingConfig }, eventInvoke });
    expect(told).toEqual([active]);
    expect(found).toMatchObject({ sweep: { State: 'Active', LoggingConfig }, queue: 'QUEUE' });
    expect(asked).toEqual(['Lab-sweep', 'Lab-sweep']);
  });

  it('keeps nothing of another one', async () => {
    const { told, found, asked } = await find('collect-batch', { function: {}, eventInvoke });
    expect({ told, found }).toEqual({ told: [active], found: {} });
    expect(asked[0]).toBe('Lab-collect-batch');
    expect((await find('poll', { function: {}, eventInvoke })).found).toEqual({});
  });

  it('keeps with a task what the one for polls uses, without its log, which tells nothing of runs', async () => {
    const { found } = await find('poll', { function: { LoggingConfig }, eventInvoke }, { task: true });
    expect(found).toEqual({ sweep: { State: 'Active', Description: expect.any(String) } });
    expect((await find('collect-batch', { function: {}, eventInvoke }, { task: true })).found).toEqual({});
  });

  it('asks no more of one that does not exist, and says what repeats and what was denied', async () => {
    const missing = await find('sweep', {});
    expect(missing.told).toEqual(['red: does not exist in this account and region | RESTORE']);
    expect(missing.asked).toHaveLength(1);
    expect((await find('sweep', { function: {} })).told).toEqual([
      active,
      'yellow: Lambda runs a failed event up to 2 times again; the stack sets 0 | RESTORE',
      'yellow: events that fail go nowhere: the failure destination was removed | RESTORE',
    ]);
    expect((await find('poll', { function: {} })).told).toHaveLength(2);
    const denied = async () => {
      throw new NotAskedError('AWS denies it', { code: 'denied' });
    };
    expect((await find('sweep', { function: {}, eventInvoke: denied })).told).toEqual([
      active,
      'yellow: not checked: AWS denies it',
    ]);
  });
});
