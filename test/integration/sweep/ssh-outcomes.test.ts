import { describe, expect, it } from 'vitest';
import type { DemoSshBehaviour } from '../../../lib/demo/esxi-sshd.ts';
import { type ParsedSeries, parseExposition } from '../../support/exposition.ts';
import { answer, startGateway } from '../sinks/gateway.ts';
import { outcomesOf, startSmallFleet } from './small-fleet.ts';

/** What each behaviour comes to; refused are those that had the password and did not take it. */
const BEHAVIOURS: readonly [DemoSshBehaviour, string, 'refused'?][] = [
  ['normal', 'ok'],
  ['password-only', 'ok'],
  ['empty-rounds', 'ok'],
  ['refuses-login', 'failed(auth)', 'refused'],
  ['second-prompt', 'failed(auth)', 'refused'],
  ['drops-after-password', 'failed(auth)', 'refused'],
  ['hangs-after-password', 'failed(timeout)', 'refused'],
  ['echo-prompt', 'failed(auth)'],
  ['publickey', 'failed(auth)'],
  ['open-door', 'failed(auth)'],
  ['no-questions', 'failed(auth)'],
  ['silent', 'failed(banner)'],
  ['not-ssh', 'failed(banner)'],
  ['closed', 'failed(connection-refused)'],
  ['hangs-after-exec', 'failed(exec-timeout)'],
  ['drops-after-exec', 'failed(output)'],
  ['garbage', 'failed(output)'],
  ['flood', 'failed(output)'],
];

const valuesOf = (series: readonly ParsedSeries[], name: string) =>
  Object.fromEntries(
    series.filter((one) => one.name === name).map(({ labels, value }) => [labels['hostsystem'], value]),
  );

describe('hosts of every kind in one sweep', () => {
  it('come to their own outcome, cost no other host anything, and are tried once', async () => {
    await using gateway = await startGateway([answer(200)]);
    await using fleet = await startSmallFleet({
      hosts: BEHAVIOURS.map(([behaviour]) => ({ behaviour })),
      pushUrl: gateway.url,
    });
    await fleet.warmUp();
    const answersOf = (index: number) =>
      fleet.esxi.authRequests(fleet.addressOf(index + 1)).filter((one) => one === 'answer').length;
    const before = BEHAVIOURS.map((_, index) => answersOf(index));
    const first = await fleet.sweep();
    expect(outcomesOf(first)).toEqual(
      BEHAVIOURS.map(([, outcome], index) => `esx${index + 1}: ok ${outcome}`),
    );
    expect(first.exitCode).toBe(3);
    expect(first.targets[0]).toMatchObject({
      listing: 'fresh',
      deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }],
      problems: [],
    });

    const put = gateway.seen.at(-1);
    const series = parseExposition(put?.text ?? '');
    const sshUp = valuesOf(series, 'esxi_ssh_up');
    expect(sshUp).toEqual(
      Object.fromEntries(
        BEHAVIOURS.map(([, outcome], index) => [`esx${index + 1}`, outcome === 'ok' ? 1 : 0]),
      ),
    );
    expect(Object.keys(valuesOf(series, 'esxi_critical_service_status')).sort()).toEqual([
      'esx1',
      'esx2',
      'esx3',
    ]);
    expect(Object.keys(valuesOf(series, 'esxi_overall_status'))).toHaveLength(BEHAVIOURS.length);

    // A login without an answer is held against no host while this process is stalled, as on a busy machine.
    const isPresumed = (index: number) =>
      first.targets[0]?.hosts[index]?.details.some((text) => text.includes('this process was stalled'));
    const second = await fleet.sweep();
    expect(outcomesOf(second)).toEqual(
      BEHAVIOURS.map(([, outcome, refused], index) => {
        const isLeftAlone = refused !== undefined && !isPresumed(index);
        return `esx${index + 1}: ok ${isLeftAlone ? 'skipped(blacklist)' : outcome}`;
      }),
    );
    for (const [index, [behaviour, , refused]] of BEHAVIOURS.entries()) {
      const answers = answersOf(index) - (before[index] ?? 0);
      if (refused !== undefined && !isPresumed(index))
        expect({ behaviour, answers }).toEqual({ behaviour, answers: 1 });
    }
  });

  it('are asked when vCenter lost them, and left out when they are off, in lockdown or without ssh', async () => {
    await using fleet = await startSmallFleet({
      hosts: [
        { vcenter: { connectionState: 'notResponding', configUnset: true } },
        { vcenter: { connectionState: 'disconnected', services: [{ key: 'TSM-SSH', running: false }] } },
        { vcenter: { powerState: 'poweredOff' } },
        { vcenter: { powerState: 'standBy' } },
        { vcenter: { lockdownMode: 'lockdownStrict' } },
        { vcenter: { services: [{ key: 'TSM-SSH', running: false }] } },
        { vcenter: { inMaintenanceMode: true } },
        { vcenter: { unreadable: ['runtime', 'config'] } },
      ],
    });
    const summary = await fleet.sweep();
    expect(outcomesOf(summary)).toEqual([
      'esx1: ok ok',
      'esx2: ok ok',
      'esx3: ok skipped(poweredoff)',
      'esx4: ok skipped(standby)',
      'esx5: ok skipped(lockdown)',
      'esx6: ok skipped(ssh-disabled)',
      'esx7: ok ok',
      'esx8: ok ok',
    ]);
    expect(summary.exitCode).toBe(0);
  });
});
