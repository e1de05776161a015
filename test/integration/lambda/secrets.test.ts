import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type DemoEstate,
  ESXI_USER,
  PASSWORDS,
  SECRETS,
  startDemoEstate,
} from '../../support/lambda/demo-estate.ts';
import { healthyHosts } from '../../support/lambda/demo-hosts.ts';
import { statusesOf, summaryOf, targetOf } from '../../support/lambda/reply.ts';

const A = 'vc-a.example.org';
const B = 'vc-b.example.org';
const NEW_PASSWORD = 'Leak4-rotated';
const vcenterOk = { hosts: 2, ok: 2, failed: 0, skipped: 0 };

describe('secrets of a run on Lambda', () => {
  let estate: DemoEstate;
  beforeAll(async () => {
    const targets = { [A]: healthyHosts(2, { network: 27 }), [B]: healthyHosts(2, { network: 28 }) };
    estate = await startDemoEstate({ targets });
  });
  afterAll(() => estate?.[Symbol.asyncDispose]());

  const setEsxiPassword = (password: string) =>
    estate.aws.secrets.put(SECRETS.esxi, { username: ESXI_USER, password });
  const readsOf = (id: string) => estate.aws.secrets.reads.filter((read) => read.id === id);

  it('are read by the worker in the version that the sweep read, whatever was stored since', async () => {
    const version = setEsxiPassword(PASSWORDS.esxi);
    estate.aws.secrets.afterNextRead(SECRETS.esxi, () => setEsxiPassword(NEW_PASSWORD));
    const reply = await estate.sweepNext({ target: A });
    expect(targetOf(reply, A).paths.ssh).toMatchObject({ hosts: 2, ok: 2 });
    // Two hosts that never saw it are a batch each, in one process after the other, or in two where one that reads is busy.
    expect(new Set(readsOf(SECRETS.esxi).map((read) => read.version))).toEqual(new Set([undefined, version]));
    expect(readsOf(SECRETS.esxi).filter((read) => read.version === undefined)).toHaveLength(1);
  });

  it('fail the worker and nobody else when that version is gone, and then nobody is logged in to', async () => {
    // Another value: an equal one would be read in the version that hosts accepted.
    const version = setEsxiPassword('not-seen-yet');
    estate.aws.secrets.afterNextRead(SECRETS.esxi, () => estate.aws.secrets.remove(SECRETS.esxi, version));
    const asked = () =>
      healthyHosts(2, { network: 27 }).map(({ address }) => estate.esxi.authRequests(address));
    const before = asked();
    const { paths, deliveries, hosts } = targetOf(await estate.sweepNext({ target: A }), A);
    expect(paths.vcenter).toMatchObject(vcenterOk);
    expect(paths.ssh).toMatchObject({ hosts: 2, failed: 2, reasons: { 'failed(worker)': 2 } });
    expect(hosts[0]?.details.join()).toContain('secret:vsweep/esxi is not in Secrets Manager');
    expect(deliveries).toEqual([{ sink: 'pushgateway', outcome: 'delivered' }]);
    expect(asked()).toEqual(before);
  });

  it('cost the ssh path only when the one for ESXi is missing, with a remedy', async () => {
    estate.aws.secrets.remove(SECRETS.esxi);
    const reply = await estate.sweepNext();
    expect(statusesOf(reply)).toEqual({ [A]: 'swept', [B]: 'swept' });
    const { paths, deliveries, problems } = targetOf(reply, A);
    expect(paths.vcenter).toMatchObject(vcenterOk);
    expect(paths.ssh).toMatchObject({ hosts: 2, failed: 2, reasons: { 'failed(worker)': 2 } });
    expect(problems.join()).toContain('Check its name and region');
    expect(deliveries).toEqual([{ sink: 'pushgateway', outcome: 'delivered' }]);
    setEsxiPassword(PASSWORDS.esxi);
  });

  it('cost their own target only when the one for a vCenter is missing, with a remedy', async () => {
    estate.aws.secrets.remove(SECRETS.vcenter(B));
    const reply = await estate.sweepNext();
    expect(summaryOf(reply).exitCode).toBe(3);
    expect(statusesOf(reply)).toEqual({ [A]: 'swept', [B]: 'swept' });
    expect(targetOf(reply, A)).toMatchObject({ listing: 'fresh', problems: [] });
    expect(targetOf(reply, B)).toMatchObject({ listing: 'last', paths: { ssh: { hosts: 2, ok: 2 } } });
    expect(targetOf(reply, B).problems.join()).toContain(`secret:vsweep/${B} is not in Secrets Manager`);
  });

  it('cost the ssh path only, and one refusal in all, when the hosts refuse a new one', async () => {
    setEsxiPassword(NEW_PASSWORD);
    const { paths } = targetOf(await estate.sweepNext({ target: A }), A);
    expect(paths.vcenter).toMatchObject(vcenterOk);
    expect(paths.ssh).toMatchObject({
      hosts: 2,
      reasons: { 'failed(auth)': 1, 'skipped(suspended)': 1 },
    });
  });
});
