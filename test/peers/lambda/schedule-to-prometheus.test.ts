import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Aws, startAws, WORKER } from '../../support/lambda/aws.ts';
import { summaryOf } from '../../support/lambda/reply.ts';
import { scheduleTimes } from '../../support/lambda/schedule-times.ts';
import { asksIn } from '../../support/lambda/sealed.ts';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import {
  type Prometheus,
  promQuery,
  pushgatewayConfig,
  startPrometheus,
} from '../../support/peers/prometheus.ts';
import { HOST_PASSWORD, type SweptFleet, startSweptFleet, VCENTER } from '../../support/peers/swept-fleet.ts';

/** With an sshd each. */
const ASKED = 12;
/** In lockdown: in vCenter they are hosts like the others, and with them there are more than one batch takes. */
const LOCKED = ASKED * 24;
const HOSTS = ASKED + LOCKED;
const SECRETS = { vcenter: 'vsweep/vcenter', esxi: 'vsweep/esxi' };

/** The functions deployed with the fleet's vsweep.yaml, whose credentials come from Secrets Manager here. */
async function deploy({ configFile, env }: SweptFleet): Promise<Aws> {
  const { targets, esxi, ...rest } = parse(await readFile(configFile, 'utf8'));
  return await startAws({
    config: {
      ...rest,
      targets: targets.map((target: object) => ({ ...target, credentials: { secret: SECRETS.vcenter } })),
      esxi: { ...esxi, credentials: { secret: SECRETS.esxi } },
    },
    secrets: {
      [SECRETS.vcenter]: { username: env['VC_USER'], password: env['VC_PASSWORD'] },
      [SECRETS.esxi]: { username: 'root', password: HOST_PASSWORD },
    },
  });
}

/** How many hosts a BatchRequest has a worker ask by ssh. */
const askedBy = (payload: string): number => asksIn([{ payload }]).flatMap(({ hosts }) => hosts).length;

describeWithPeers(['vcsim', 'sshd', 'pushgateway', 'prometheus'], 'the functions between real peers', () => {
  let fleet: SweptFleet;
  let prometheus: Prometheus;
  let aws: Aws;

  beforeAll(async () => {
    const services = { hostd: 'running', ntpd: 'running' } as const;
    fleet = await startSweptFleet({
      network: 121,
      hostsPerCluster: ASKED,
      lockedAfterEach: LOCKED / ASKED,
      services,
    });
    prometheus = await startPrometheus({ config: pushgatewayConfig(fleet.pushgateway.address) });
    aws = await deploy(fleet);
  });
  afterAll(async () => {
    await aws?.[Symbol.asyncDispose]();
    await prometheus?.[Symbol.asyncDispose]();
    await fleet?.[Symbol.asyncDispose]();
  });

  it('bring a stopped service from the schedule event to a query of Prometheus, by several workers at once', async () => {
    const [stopped, ...others] = fleet.hosts;
    await fleet.sshds.setService(stopped?.address ?? '', 'ntpd', 'stopped');
    await fleet.vcsim.change(others[0]?.name ?? '', 'overall-status/red');

    const complete = {
      exitCode: 0,
      targets: [
        {
          target: VCENTER,
          deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }],
          problems: [],
          paths: {
            vcenter: { hosts: HOSTS, ok: HOSTS, failed: 0, skipped: 0 },
            ssh: { hosts: HOSTS, ok: ASKED, failed: 0, skipped: LOCKED },
          },
        },
      ],
    };
    // The first run tries the new credential on one host, then on more; the second one knows it.
    const nextTime = scheduleTimes();
    const trial = await aws.sweep({ sweep: 'services', scheduledAt: nextTime() });
    expect(summaryOf(trial)).toMatchObject(complete);
    const inTrial = aws.lambda.invocations(WORKER).length;
    const steady = await aws.sweep({ sweep: 'services', scheduledAt: nextTime() });
    expect(summaryOf(steady)).toMatchObject(complete);

    const workers = aws.lambda.invocations(WORKER).slice(inTrial);
    // One reads all hosts, and the other asks those that are not in lockdown mode.
    expect(workers.map(({ payload }) => askedBy(payload)).toSorted()).toEqual([0, ASKED]);
    expect(workers.at(-1)?.atOnce).toBe(2);
    expect(await fleet.vcsim.openSessions()).toBe(0);
    // What one scrape brings appears in Prometheus all at once.
    await pollUntil(
      'the sweep in Prometheus',
      async () => (await promQuery(prometheus.url, 'vsweep_target_up == 1')).at(0),
      { timeoutMs: 20_000 },
    );
    const query = async (expr: string) =>
      (await promQuery(prometheus.url, expr)).map(({ labels }) => labels['hostsystem']);
    expect(await query('esxi_critical_service_status{service="ntpd"} == 0')).toEqual([stopped?.name]);
    expect(await query('esxi_critical_service_status{service="ntpd"} == 1')).toHaveLength(ASKED - 1);
    expect(await query('esxi_overall_status == 0')).toEqual([others[0]?.name]);
  });
});
