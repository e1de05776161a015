import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import { type Prometheus, promQuery, startPrometheus } from '../../support/peers/prometheus.ts';
import { type Pushgateway, startPushgateway } from '../../support/peers/pushgateway.ts';

const pushConfig = (address: string) => `
global: { scrape_interval: 500ms, scrape_timeout: 400ms, evaluation_interval: 500ms }
rule_files: [rules.yml]
scrape_configs:
  - { job_name: pushgateway, honor_labels: true, static_configs: [{ targets: ['${address}'] }] }
`;
const rules = `
groups:
  - name: smoke
    rules:
      - alert: HostdStopped
        expr: esxi_critical_service_status{service='hostd'} == 0
`;

describeWithPeers(['pushgateway', 'prometheus'], 'Pushgateway and Prometheus', () => {
  let pushgateway: Pushgateway;
  let prometheus: Prometheus;

  beforeAll(async () => {
    pushgateway = await startPushgateway();
    prometheus = await startPrometheus({ config: pushConfig(pushgateway.address), rules });
  });
  afterAll(async () => {
    await prometheus?.[Symbol.asyncDispose]();
    await pushgateway?.[Symbol.asyncDispose]();
  });

  const push = async (text: string) => {
    const url = `${pushgateway.url}/metrics/job/vsweep_smoke/instance/vc01.example.org`;
    const response = await fetch(url, { method: 'PUT', body: text, signal: AbortSignal.timeout(5_000) });
    return { status: response.status, text: await response.text() };
  };
  const series = (value: number) =>
    `esxi_critical_service_status{site="qa-de-1a",hostsystem="esx01",service="hostd"} ${value}\n`;
  const alerts = () => promQuery(prometheus.url, "ALERTS{alertstate='firing'}");

  it('scrapes what was pushed under its own job and instance', async () => {
    expect(await push(series(1))).toEqual({ status: 200, text: '' });
    const [sample] = await pollUntil(
      'the series in Prometheus',
      async () => {
        const found = await promQuery(prometheus.url, 'esxi_critical_service_status');
        return found.length > 0 ? found : undefined;
      },
      { timeoutMs: 20_000 },
    );
    expect(sample).toEqual({
      labels: {
        __name__: 'esxi_critical_service_status',
        job: 'vsweep_smoke',
        instance: 'vc01.example.org',
        site: 'qa-de-1a',
        hostsystem: 'esx01',
        service: 'hostd',
      },
      value: 1,
    });
    expect(await alerts()).toEqual([]);
  });

  it('fires an alert on the pushed value, and clears it', async () => {
    await push(series(0));
    await pollUntil('the alert', async () => ((await alerts()).length === 1 ? true : undefined), {
      timeoutMs: 20_000,
    });
    await push(series(1));
    await pollUntil('no alert', async () => ((await alerts()).length === 0 ? true : undefined), {
      timeoutMs: 20_000,
    });
  });

  it('refuses a whole push for one series twice, and says which', async () => {
    const { status, text } = await push(series(1) + series(0));
    expect(status).toBe(400);
    expect(text).toContain('esx01');
  });
});
