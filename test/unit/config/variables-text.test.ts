import { join } from 'node:path';
import { expect, it } from 'vitest';
import { KNOWN_COLLECTORS } from '../../../lib/collectors/known-collectors.ts';
import { inspectConfig } from '../../../lib/config/check-config.ts';
import {
  configFromVariables,
  type FileText,
  type FileVariable,
} from '../../../lib/config/variables/config-from-variables.ts';

const FILE = join(import.meta.dirname, '../../fixtures/config/variables.txt');

type Env = Readonly<Record<string, string>>;
const VCENTER = { VCENTER_URL: 'vc-a-0.cc.qa-de-1.cloud.sap', VCENTER_USER: 'u', VCENTER_PASSWORD: 'p' };
const ESXI = { ESXI_USER: 'root', ESXI_PASSWORD: 'p' };
const BOTH = { ...VCENTER, ...ESXI };
const VSPHERE = { VSPHERE_HOST: 'vc01', VSPHERE_USER: 'u', VSPHERE_PASSWORD: 'p' };
const LAB = { VSPHERE_LAB_HOST: 'vc02', VSPHERE_LAB_USER: 'u', VSPHERE_LAB_PASSWORD: 'p' };
const entry = (labels: object) => ({ labels });
const ATLAS = JSON.stringify([
  entry({ job: 'vcenter', server_name: 'vc-a-0.cc.qa-de-1.cloud.sap', site: 'x' }),
  entry({ job: 'vcenter', server_name: 'vc02', site: 'lab' }),
  entry({ job: 'vcenter', site: 'no name' }),
  entry({ job: 'vmware-esxi', name: 'node001', site: 'qa-de-1a' }),
  entry({ job: 'vmware-esxi', name: 'node002.example.org', site: 'qa-de-1a' }),
  entry({ job: 'vmware-esxi', name: 'node003', site: 'elsewhere' }),
  entry({ job: 'vmware-esxi', name: 'node004' }),
  entry({ job: 'vmware-esxi', site: 'no name' }),
  entry({ job: 'netapp', name: 'filer', server_name: 'filer' }),
]);
const OLD = (lines: string) => ({ CONFIG_FILE: { text: lines } });

/** By what it is: what is set, and the files that it names. */
const SETS: Readonly<Record<string, readonly [Env, Partial<Record<FileVariable, FileText>>?]>> = {
  'both accounts': [BOTH],
  'no host is asked': [
    { ...VCENTER, DISABLE_SSH: '1', ESXI_USER: 'a', ESXI_PRIVATE_KEY: 'a', SSH_WORKERCOUNT: '3' },
  ],
  'only hosts are asked': [{ ...ESXI, DISABLE_OVERALLSTATE: '1', DISABLE_PYVIM: '1' }],
  'nothing is collected': [{ ...BOTH, DISABLE_SSH: '1', DISABLE_OVERALLSTATE: 'on', DISABLE_PYVIM: 'yes' }],
  'a master password': [{ VCENTER_URL: 'vc01', VCENTER_USER: 'u', VCENTER_MPW: 'x', ...ESXI }],
  'a master password beside a password': [{ ...BOTH, VCENTER_MPW: 'x' }],
  'no account': [{ VCENTER_URL: 'vc01' }],
  'half of each account': [{ VCENTER_URL: 'vc01', VCENTER_USER: 'u', ESXI_PASSWORD: 'p' }],
  'a key for the hosts': [{ ...VCENTER, ESXI_USER: 'root', ESXI_PRIVATE_KEY: 'k' }],
  'no vCenter': [{ VCENTER_USER: 'u', VCENTER_PASSWORD: 'p', ...ESXI }],
  'a vCenter by its url': [{ ...BOTH, VCENTER_URL: 'https://vc01:8443/sdk' }],
  'a vCenter with a port': [{ ...BOTH, VCENTER_URL: 'vc01:8443' }],
  'a vCenter that is none': [{ ...BOTH, VCENTER_URL: 'http://a b' }],
  'a NetBox': [{ ...BOTH, NETBOX_URL: 'https://netbox', NETBOX_TOKEN: 't', CASHTIME: '5' }],
  'a NetBox that is not verified': [{ ...BOTH, NETBOX_URL: 'https://netbox', VSWEEP_TLS_INSECURE: '1' }],
  'a NetBox without TLS': [{ ...BOTH, NETBOX_URL: 'http://netbox', VSWEEP_TLS_INSECURE: '1' }],
  'a NetBox of other names': [{ ...BOTH, VCENTER_URL: 'vc01', NETBOX_URL: 'https://netbox' }],
  'what needs a NetBox': [{ ...BOTH, NETBOX_TOKEN: 't', CASHTIME: '5' }],
  'a Pushgateway': [{ ...BOTH, VSWEEP_PUSH_URL: 'http://gw', VSWEEP_PUSH_USER: 'u' }],
  'a Pushgateway with half of an account': [
    { ...BOTH, VSWEEP_PUSH_URL: 'http://gw', VSWEEP_PUSH_PASSWORD: 'p' },
  ],
  'a Pushgateway that is none': [{ ...BOTH, VSWEEP_PUSH_URL: 'gw' }],
  'whom to believe': [{ ...BOTH, VSWEEP_TLS_CA: 'ca.pem' }],
  'a fingerprint that is none': [{ ...BOTH, VSWEEP_TLS_SHA256: 'ab, cd' }],
  'whom to believe, twice': [{ ...BOTH, VSWEEP_TLS_CA: 'ca.pem', VSWEEP_TLS_INSECURE: '1' }],
  'numbers and names': [
    {
      ...BOTH,
      EXPORTER_PORT: '1',
      SSH_WORKERCOUNT: '2',
      BLACKLISTTIME: '3',
      VSWEEP_SSH_PORT: '4',
      VSWEEP_LEGACY_NAMES: '1',
    },
  ],
  'numbers that are none': [
    {
      ...BOTH,
      EXPORTER_PORT: 'a',
      SSH_WORKERCOUNT: 'b',
      BLACKLISTTIME: 'c',
      VSWEEP_SSH_PORT: 'd',
      DISABLE_SSH: 'e',
    },
  ],
  'numbers that are too large': [
    {
      ...BOTH,
      EXPORTER_PORT: '70000',
      SSH_WORKERCOUNT: '901',
      BLACKLISTTIME: '99999',
      VSWEEP_SSH_PORT: '70000',
      NETBOX_URL: 'https://n',
      CASHTIME: '0',
    },
  ],
  'two spellings': [{ ...BOTH, vcenter_url: 'vc02' }],
  'a file of vCenters and hosts': [BOTH, { ATLAS_FILE: { text: ATLAS } }],
  'a file of vCenters and hosts, without an account for vCenter': [
    { ...ESXI, VCENTER_URL: 'vc01', DISABLE_OVERALLSTATE: '1', DISABLE_PYVIM: '1' },
    { ATLAS_FILE: { text: ATLAS } },
  ],
  'a file of vCenters and hosts, of which none is asked': [
    { ...VCENTER, DISABLE_SSH: '1' },
    { ATLAS_FILE: { text: ATLAS } },
  ],
  'a file of hosts alone': [
    { ...ESXI, DISABLE_OVERALLSTATE: '1', DISABLE_PYVIM: '1' },
    { ATLAS_FILE: { text: JSON.stringify([entry({ job: 'vmware-esxi', name: 'node001', site: 'a' })]) } },
  ],
  'a file of nothing': [
    { ...ESXI, VCENTER_USER: 'u', VCENTER_PASSWORD: 'p' },
    { ATLAS_FILE: { text: '[]' } },
  ],
  'a file that is no JSON': [BOTH, { ATLAS_FILE: { text: '{' } }],
  'a file that cannot be read': [BOTH, { ATLAS_FILE: { fault: 'ENOENT' }, CONFIG_FILE: { fault: 'EACCES' } }],
  'a configuration': [
    BOTH,
    OLD(
      'port: 9203\nssl_verify: false\ncollectors:\n  overall_state_collector: { enabled: yes }\n' +
        '  critical_service_collector: { enabled: yes, max_threads: 12, services: [hostd] }\n',
    ),
  ],
  'a configuration that enables nothing': [BOTH, OLD('verify_ssl: no\n')],
  'a configuration beside variables': [
    { ...BOTH, SSH_WORKERCOUNT: '9', EXPORTER_PORT: '1' },
    OLD('port: 2\ncollectors: { critical_service_collector: { enabled: yes, max_threads: 12 } }\n'),
  ],
  'a configuration of other values than there are': [
    BOTH,
    OLD(
      'port: 70000\ncollectors: { critical_service_collector: { enabled: yes, max_threads: 0, services: ["a b"] } }\n',
    ),
  ],
  'a configuration of other kinds of values': [
    BOTH,
    OLD(
      'port: x\nssl_verify: 7\ncollectors: { critical_service_collector: { enabled: 7, max_threads: x, services: 7 } }\n',
    ),
  ],
  'a configuration with a list of collectors': [BOTH, OLD('collectors: []\n')],
  'a configuration with a service that is none': [
    BOTH,
    OLD('collectors: { critical_service_collector: { services: [7] } }\n'),
  ],
  "vmware_exporter's": [VSPHERE],
  "vmware_exporter's, two sections alike": [{ ...VSPHERE, ...LAB }],
  "vmware_exporter's, two sections of which not the same is collected": [
    { ...VSPHERE, ...LAB, VSPHERE_LAB_COLLECT_VMS: 'false', VSPHERE_FETCH_ALARMS: 'true' },
  ],
  "vmware_exporter's, two sections of one vCenter": [{ ...VSPHERE, ...LAB, VSPHERE_LAB_HOST: 'vc01' }],
  "vmware_exporter's, a section alone": [LAB],
  "vmware_exporter's, without an account": [{ VSPHERE_HOST: 'vc01' }],
  "vmware_exporter's, without a host": [{ ...LAB, VSPHERE_USER: 'u', VSPHERE_PASSWORD: 'p' }],
  "vmware_exporter's, with the host of each scrape": [{ ...VSPHERE, VSPHERE_HOST: 'None' }],
  "vmware_exporter's, collecting nothing": [
    {
      ...VSPHERE,
      VSPHERE_COLLECT_HOSTS: 'false',
      VSPHERE_COLLECT_VMS: 'False',
      VSPHERE_COLLECT_VMGUESTS: ' FALSE ',
      VSPHERE_COLLECT_SNAPSHOTS: '',
      VSPHERE_COLLECT_DATASTORES: 'no',
    },
  ],
  "vmware_exporter's, with what vsweep does not take": [
    {
      ...VSPHERE,
      VSPHERE_IGNORE_SSL: 'True',
      VSPHERE_SPECS_SIZE: '5',
      VSPHERE_FETCH_TAGS: 'True',
      VSPHERE_FETCH_CUSTOM_ATTRIBUTES: 'True',
    },
  ],
  "vmware_exporter's, with a Pushgateway and whom to believe": [
    { ...VSPHERE, ...LAB, VSWEEP_PUSH_URL: 'gw', VSWEEP_TLS_CA: 'ca.pem' },
  ],
  "vmware_exporter's and esxi-exporter's": [{ ...VSPHERE, VCENTER_URL: 'vc02' }],
};

function textOf(
  name: string,
  [env, files = {}]: readonly [Env, Partial<Record<FileVariable, FileText>>?],
): string {
  const paths = Object.fromEntries(Object.keys(files).map((file) => [file, file.toLowerCase()]));
  const made = configFromVariables(
    { ...env, ...paths },
    new Map(Object.entries(files) as [FileVariable, FileText][]),
  );
  const { issues } = inspectConfig(made.raw, KNOWN_COLLECTORS);
  const faults = [...made.issues, ...made.explain(issues)].map(
    ({ path, message }) => `  ${path}: ${message}`,
  );
  const sections = Object.entries(made.raw).map(
    ([section, value]) => `  ${section} = ${JSON.stringify(value)}`,
  );
  const { taken, ignored } = made.variables;
  const unused = ignored.map((one) => `  ${one.name} is not used: ${one.why}`);
  return [`${name}`, ...sections, ...faults, ...unused, `  read: ${taken.join(', ')}`, ''].join('\n');
}

it('what variables stand for, and what is said of them, is what variables.txt has: npx vitest run --project unit test/unit/config --update renews it', async () => {
  const texts = Object.entries(SETS).map(([name, set]) => textOf(name, set));
  await expect(texts.join('\n')).toMatchFileSnapshot(FILE);
});
