import { expect, it } from 'vitest';
import type { DemoEvent } from '../../../lib/demo/vcenter/estate.ts';
import { parseExposition } from '../../support/exposition.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { vsweep } from '../cli/vsweep-command.ts';
import { answer, startGateway } from '../sinks/gateway.ts';
import { startTarget } from '../vsphere/demo-target.ts';
import { writeSweepFolder } from './sweep-folder.ts';

const APD = 'esx.problem.storage.apd.start';

it('totals go up by what happened, also in runs that were not delivered, and a dry run counts for itself', async () => {
  await using vcenter = await startTarget();
  await using gateway = await startGateway([answer(200), answer(500, 'broken'), answer(200), answer(200)]);
  await using folder = await createTemporaryFolder('events');
  const watch = { name: 'watch', collectors: ['events'] };
  await writeSweepFolder(folder.path, vcenter, watch, {
    events: { types: [APD] },
    push: { url: gateway.url },
  });
  const happened: DemoEvent[] = [];
  const happen = () => {
    const createdTime = new Date().toISOString();
    happened.push({ key: happened.length + 1, createdTime, userName: '', message: '', type: APD });
    vcenter.setEvents([...happened]);
  };
  const totalsIn = (text: string) =>
    parseExposition(text)
      .filter(({ name }) => name === 'vmware_events_total')
      .map(({ labels, value }) => [labels['type'], value]);
  const run = async (...options: string[]) => {
    const { output, errors, exitCode } = await vsweep(folder.path, 'sweep', 'watch', ...options);
    return { output, errors, exitCode, pushed: gateway.seen.at(-1)?.text ?? '' };
  };

  const first = await run();
  expect(first.exitCode, first.errors).toBe(0);
  expect(first.pushed).toContain('# TYPE vmware_events_total counter\n');
  expect(totalsIn(first.pushed)).toEqual([[APD, 0]]);
  happen();
  expect(totalsIn((await run()).pushed)).toEqual([[APD, 1]]);
  happen();
  const dry = await run('--dry-run');
  expect(totalsIn(dry.output)).toEqual([[APD, 2]]);
  expect(totalsIn((await run()).pushed)).toEqual([[APD, 2]]);
  expect(totalsIn((await run()).pushed)).toEqual([[APD, 2]]);
}, 60_000);
