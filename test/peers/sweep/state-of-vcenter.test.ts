import { afterAll, beforeAll, expect, it } from 'vitest';
import { findCollector } from '../../../lib/collectors/registry.ts';
import { makeIdentity } from '../../../lib/demo/vcenter/certificate.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { login } from '../../../lib/vsphere/session/session.ts';
import { writeSweepFolder } from '../../integration/sweep/sweep-folder.ts';
import { DEPS, endpointOf, PROOF, startTarget, testSignal } from '../../integration/vsphere/demo-target.ts';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import {
  type Prometheus,
  promQuery,
  pushgatewayConfig,
  startPrometheus,
} from '../../support/peers/prometheus.ts';
import { type Pushgateway, startPushgateway } from '../../support/peers/pushgateway.ts';
import { runVsweep } from '../../support/peers/run-vsweep.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { ANSWERS } from './answers-of-trouble.ts';
import { IN_TROUBLE } from './vcenter-in-trouble.ts';

const COLLECTORS = [
  'appliance',
  'vcenter',
  'events',
  'vsan',
  'cluster-hygiene',
  'host-hygiene',
  'host-luns',
  'vm-hygiene',
  'snapshots',
  'snapshot-sizes',
];

const OPERATOR = { username: 'operator@vsphere.local', password: 'demo-operator' };

/** Rows that have no question here, and why. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  vmware_vcenter_time_offset_seconds:
    'has no sample after a slow answer, which a busy machine may give; test/integration/readers/vcenter.test.ts has it',
};

/** Its certificate begins an hour before 2020, and is good for 7300 days. */
async function startTroubled() {
  const clock = { ...systemClock, now: () => Date.parse('2020-01-01T00:00:00Z') };
  const tls = await makeIdentity({ clock, addresses: ['127.0.0.1'], validDays: 7_300 });
  const users = Object.fromEntries([PROOF, OPERATOR].map(({ username, password }) => [username, password]));
  return startTarget({ ...IN_TROUBLE, tls, users, sessionAdmins: [PROOF.username] });
}

it('each row of these collectors has a question whose cause is made, or a reason why not', () => {
  const rows = COLLECTORS.flatMap((name) => findCollector(name)?.rows ?? []).map(({ name }) => name);
  const asked = ANSWERS.flatMap(([query]) => query.match(/vmware_\w+/g) ?? []);
  const unasked = new Set(rows).difference(new Set(asked));
  expect([...unasked].sort()).toEqual(Object.keys(EXCEPTIONS).sort());
});

describeWithPeers(['pushgateway', 'prometheus'], 'the state of a vCenter in Prometheus', () => {
  const resources = new AsyncDisposableStack();
  let prometheus: Prometheus;
  beforeAll(async () => {
    const vcenter = resources.use(await startTroubled());
    for (let session = 0; session < 2; session += 1)
      resources.use(await login(endpointOf(vcenter), OPERATOR, DEPS, { signal: testSignal() }));
    const gateway: Pushgateway = resources.use(await startPushgateway());
    const folder = resources.use(await createTemporaryFolder('state-of-vcenter'));
    prometheus = resources.use(await startPrometheus({ config: pushgatewayConfig(gateway.address) }));
    const sweep = { name: 'state', collectors: COLLECTORS };
    await writeSweepFolder(folder.path, vcenter, sweep, { push: { url: gateway.url } });
    const run = async () => {
      const { exitCode, stderr } = await runVsweep(['sweep', 'state'], { cwd: folder.path });
      expect(exitCode, stderr).toBe(0);
    };
    // Events count from the first run on: those that happen then are in the second one.
    await run();
    const apd = { type: 'esx.problem.storage.apd.start', userName: '', message: 'All paths are down' };
    const createdTime = new Date().toISOString();
    vcenter.setEvents([1, 2].map((key) => ({ ...apd, key, createdTime })));
    await run();
    await pollUntil(
      'the second run in Prometheus',
      async () => (await promQuery(prometheus.url, 'vmware_events_total > 0'))[0],
      { timeoutMs: 60_000 },
    );
  }, 180_000);
  afterAll(() => resources.disposeAsync());

  it.each(ANSWERS)('%s is %d', async (query, value) => {
    const found = await promQuery(prometheus.url, query);
    expect(found.map((one) => one.value)).toEqual([value]);
  });
});
