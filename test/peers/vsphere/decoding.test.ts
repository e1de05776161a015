import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { RetrievedObjectBuilder } from '../../../lib/vsphere/property/retrieval-reply.ts';
import type { MoRef } from '../../../lib/vsphere/property/retrieved-object.ts';
import { login, type VsphereSession } from '../../../lib/vsphere/session/session.ts';
import { toMoRef } from '../../../lib/vsphere/soap/moref.ts';
import { buildUnits, callForRequiredValue } from '../../../lib/vsphere/soap/soap-reply.ts';
import { methodCall, reference, textElement } from '../../../lib/vsphere/soap/soap-request.ts';
import { describeWithPeers, peerPython } from '../../support/peers/peer-requirements.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { startVcsim, type Vcsim } from '../../support/peers/vcsim.ts';

const run = promisify(execFile);
const DESERIALISE = join(import.meta.dirname, '../python/deserialise.py');
const signal = AbortSignal.timeout(120_000);

interface DecodedObject {
  readonly moref: MoRef;
  readonly properties: Readonly<Record<string, unknown>>;
}

describeWithPeers(['vcsim', 'pyvmomi'], 'decoding, beside pyVmomi’s own deserialiser', () => {
  let vcsim: Vcsim;
  let folder: TemporaryFolder;
  let session: VsphereSession;

  beforeAll(async () => {
    folder = await createTemporaryFolder('decoding');
    vcsim = await startVcsim({ clusters: 1, hostsPerCluster: 2, machinesPerCluster: 2 });
    const endpoint = { name: 'vcsim', url: vcsim.url, tls: { sha256: [vcsim.sha256] } };
    const proof = { username: vcsim.user, password: vcsim.password };
    const deps = { clock: systemClock, log: silentLog, userAgent: 'vsweep/test' };
    session = await login(endpoint, proof, deps, { signal });
  });
  afterAll(async () => {
    await session?.[Symbol.asyncDispose]();
    await vcsim?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  /** One answer with all properties of what the object set reaches, read by both. */
  async function readByBoth(type: string, objectSet: string) {
    const propSet = `<propSet>${textElement('type', type)}<all>true</all></propSet>`;
    const specSet = `<specSet>${propSet}${objectSet}</specSet><options/>`;
    const call = methodCall('RetrievePropertiesEx', session.content.propertyCollector, specSet);
    await using reply = await session.transport(call, { signal });
    const bytes = withoutEmptyWords(await buffer(reply.body));
    const file = join(folder.path, `${type}.xml`);
    await writeFile(file, bytes);
    const { stdout } = await run(peerPython, [DESERIALISE, file], { maxBuffer: 2 ** 28, timeout: 60_000 });
    const ours: DecodedObject[] = [];
    const units = buildUnits(
      { origin: 'vcsim', secrets: [], body: Readable.from([bytes]) },
      { operation: call.operation, depth: 4, builder: new RetrievedObjectBuilder() },
    );
    for await (const unit of units) {
      if (!('moref' in unit)) throw new Error(`<${unit.name}> is no object`);
      ours.push({ moref: unit.moref, properties: Object.fromEntries(unit.properties) });
    }
    return { ours: inMicroseconds(ours), theirs: inMicroseconds(JSON.parse(stdout)) };
  }

  async function readView(type: string) {
    const { content, transport } = session;
    const parameters =
      reference('container', content.rootFolder) +
      textElement('type', type) +
      textElement('recursive', 'true');
    const create = methodCall('CreateContainerView', content.viewManager, parameters);
    const view = toMoRef(await callForRequiredValue(transport, create, { signal }));
    const members =
      '<selectSet xsi:type="TraversalSpec"><type>ContainerView</type><path>view</path><skip>false</skip></selectSet>';
    return readByBoth(type, `<objectSet>${reference('obj', view)}<skip>true</skip>${members}</objectSet>`);
  }

  it.each([
    'HostSystem',
    'VirtualMachine',
    'ClusterComputeResource',
    'Datastore',
    'Datacenter',
    'Folder',
    'Network',
  ])('gives the same values of every property of %ss', async (type) => {
    if (type === 'VirtualMachine') await takeSnapshot();
    const { ours, theirs } = await readView(type);
    expect(theirs.length).toBeGreaterThan(0);
    for (const [index, object] of ours.entries()) {
      expect(Object.keys(object.properties).length).toBeGreaterThan(5);
      expect(object).toEqual(theirs[index]);
    }
    expect(ours).toHaveLength(theirs.length);
  });

  it.each([
    ['PerformanceManager', 'PerfMgr', 'perfCounter'],
    ['SessionManager', 'SessionManager', 'sessionList'],
    ['EventManager', 'EventManager', 'description'],
    ['LicenseManager', 'LicenseManager', 'licenses'],
    ['OptionManager', 'VpxSettings', 'setting'],
    ['AlarmManager', 'AlarmManager', 'description'],
  ])('gives the same values of %s', async (type, value, property) => {
    const { ours, theirs } = await readByBoth(
      type,
      `<objectSet>${reference('obj', { type, value })}</objectSet>`,
    );
    expect(ours[0]?.properties).toHaveProperty(property);
    expect(ours).toEqual(theirs);
  });

  async function takeSnapshot(): Promise<void> {
    const { ours } = await readView('VirtualMachine');
    const machine = ours[0]?.moref;
    if (machine === undefined) throw new Error('vcsim has no virtual machine');
    const parameters = '<name>first</name><memory>false</memory><quiesce>false</quiesce>';
    const create = methodCall('CreateSnapshot_Task', machine, parameters);
    const task = toMoRef(await callForRequiredValue(session.transport, create, { signal }));
    const ended = async () => {
      const { ours: tasks } = await readByBoth('Task', `<objectSet>${reference('obj', task)}</objectSet>`);
      expect(tasks[0]?.properties['info']).toMatchObject({ state: 'success' });
    };
    await expect.poll(ended, { timeout: 20_000 }).toBeUndefined();
    const { ours: after } = await readView('VirtualMachine');
    expect(after[0]?.properties['snapshot']).toMatchObject({ rootSnapshotList: [{ name: 'first' }] });
  }
});

/** vcsim sends some enumerations without a word, which vCenter never does and pyVmomi does not read. */
function withoutEmptyWords(answer: Buffer): Buffer {
  return Buffer.from(answer.toString().replace(/<(faultToleranceState|recordReplayState)><\/\1>/g, ''));
}

/** Python's times have microseconds, vcsim sends nanoseconds. */
function inMicroseconds(objects: readonly DecodedObject[]): readonly DecodedObject[] {
  const cut = (text: string) =>
    text.replace(/^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d+)Z$/, (_, seconds: string, fraction: string) => {
      const kept = fraction.slice(0, 6).replace(/0+$/, '');
      return `${seconds}${kept === '' ? '' : `.${kept}`}Z`;
    });
  return JSON.parse(JSON.stringify(objects), (_, value) => (typeof value === 'string' ? cut(value) : value));
}
