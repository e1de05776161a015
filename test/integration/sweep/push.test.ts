import { describe, expect, it } from 'vitest';
import { answer, startGateway } from '../sinks/gateway.ts';
import { expectDocumented, seenIn } from './faults/expect-documented.ts';
import { outcomesOf, startSmallFleet } from './small-fleet.ts';

const o = { signal: new AbortController().signal };

describe('the push', () => {
  it('holds what came in when half of the hosts hang until the time is over', async () => {
    await using gateway = await startGateway([answer(200)]);
    const hosts = Array.from({ length: 6 }, (_, index) =>
      index % 2 === 0 ? {} : ({ behaviour: 'hangs-after-exec' } as const),
    );
    await using fleet = await startSmallFleet({
      hosts,
      pushUrl: gateway.url,
      timeouts: 'connectSeconds: 3, loginSeconds: 15, commandSeconds: 30',
      every: '30s',
    });
    await fleet.warmUp();
    const summary = await fleet.sweep();
    expect(outcomesOf(summary)).toEqual(
      hosts.map((_, index) => `esx${index + 1}: ok ${index % 2 === 0 ? 'ok' : 'failed(exec-timeout)'}`),
    );
    const text = gateway.seen.at(-1)?.text ?? '';
    expect(text).toContain('esxi_critical_service_status{site="qa",hostsystem="esx5",service="hostd"} 1');
    expect(text).not.toContain('esxi_critical_service_status{site="qa",hostsystem="esx6"');
  });
});

describe('groups that the configuration no longer names', () => {
  it('are deleted at the gateway, and only they', async () => {
    await using gateway = await startGateway([answer(202)]);
    await using fleet = await startSmallFleet({
      hosts: [{}, {}],
      targets: { one: [1], two: [2] },
      pushUrl: gateway.url,
    });
    await fleet.sweep();
    await fleet.configure({ targets: { two: [2] } });
    await fleet.sweep();
    const deleted = () => gateway.seen.filter(({ method }) => method === 'DELETE').map(({ path }) => path);
    expect(deleted()).toEqual(['/metrics/job/vsweep_services/instance/one']);
    await fleet.sweep();
    expect(deleted()).toHaveLength(1);
  });
});

describe('the lease', () => {
  it('that another run holds means no run here, and no fault', async () => {
    await using gateway = await startGateway([answer(200)]);
    await using fleet = await startSmallFleet({ hosts: [{}], pushUrl: gateway.url });
    {
      await using container = await fleet.open();
      const endsAt = fleet.clock.now() + 60_000;
      await container.state.runs.acquireLease('services', 'vc1', { holder: 'another', endsAt }, o);
    }
    const summary = await fleet.sweep();
    expect(summary).toMatchObject({ exitCode: 4, targets: [{ status: 'lease', deliveries: [] }] });
    expect(gateway.seen).toEqual([]);
    expect(fleet.vcenter.stats.logins).toBe(0);
    expectDocumented('the run before is still under way', seenIn(summary, { pushed: 'nothing' }));
    fleet.clock.advance(61_000);
    expect(await fleet.sweep()).toMatchObject({
      targets: [{ status: 'swept', deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }] }],
    });
  });

  it('that a clock took which was a day ahead is none, and another run goes on', async () => {
    await using fleet = await startSmallFleet({ hosts: [{}] });
    {
      await using container = await fleet.open();
      const endsAt = fleet.clock.now() + 24 * 3_600_000;
      await container.state.runs.acquireLease('services', 'vc1', { holder: 'ahead', endsAt }, o);
    }
    expect(await fleet.sweep()).toMatchObject({ exitCode: 0, targets: [{ status: 'swept' }] });
  });

  it('that was lost before the push means that the other run has the word', async () => {
    await using gateway = await startGateway([answer(200)]);
    await using fleet = await startSmallFleet({ hosts: [{}], pushUrl: gateway.url });
    let taken: unknown;
    const summary = await fleet.sweep({
      onProgress: (state) => {
        fleet.clock.advance(3_600_000);
        const endsAt = fleet.clock.now() + 60_000;
        taken = state.runs.acquireLease('services', 'vc1', { holder: 'another', endsAt }, o);
      },
    });
    expect(await taken).toBe('acquired');
    expect(summary).toMatchObject({
      exitCode: 0,
      targets: [{ status: 'swept', deliveries: [{ sink: 'pushgateway', outcome: 'lease-lost' }] }],
    });
    expect(gateway.seen).toEqual([]);
    expectDocumented('another run took the lease before the push', seenIn(summary, { pushed: 'nothing' }));
  });
});
