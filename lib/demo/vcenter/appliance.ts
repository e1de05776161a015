import { DEMO_CERTIFICATES } from './demo-certificates.ts';

/** The vCenter appliance, as its REST API has it. */
export interface DemoAppliance {
  /** Component -> colour. */
  readonly health: Readonly<Record<string, string>>;
  readonly backups: Readonly<Record<string, DemoBackup>>;
  readonly schedules: Readonly<Record<string, { readonly enable: boolean }>>;
  readonly rootPasswordExpiresAt?: string;
  readonly services: Readonly<Record<string, DemoService>>;
  /** In PEM form. */
  readonly signingChain: readonly string[];
  readonly trustedRoots: Readonly<Record<string, readonly string[]>>;
  readonly timeSync: string;
  readonly ntpServers: readonly string[];
}

interface DemoBackup {
  readonly status: string;
  readonly start_time: string;
  readonly end_time?: string;
}

interface DemoService {
  readonly startup_type: string;
  readonly state: string;
  readonly health?: string;
}

const started = { startup_type: 'AUTOMATIC', state: 'STARTED', health: 'HEALTHY' } as const;

/** One that is well. */
export const DEMO_APPLIANCE: DemoAppliance = {
  health: {
    system: 'green',
    applmgmt: 'green',
    'database-storage': 'green',
    load: 'green',
    mem: 'green',
    'software-packages': 'gray',
    storage: 'green',
    swap: 'green',
  },
  backups: {
    '20260101-230000-24022515': {
      status: 'SUCCEEDED',
      start_time: '2026-01-01T23:00:00.000Z',
      end_time: '2026-01-01T23:09:30.250Z',
    },
  },
  schedules: { default: { enable: true } },
  rootPasswordExpiresAt: '2035-02-21T00:00:00.000Z',
  services: {
    vpxd: started,
    'vsphere-ui': started,
    vcha: { startup_type: 'DISABLED', state: 'STOPPED' },
  },
  signingChain: [DEMO_CERTIFICATES.valid],
  trustedRoots: { '5EED5EED00000000000000000000000000000001': [DEMO_CERTIFICATES.valid] },
  timeSync: 'NTP',
  ntpServers: ['ntp.example.org'],
};

/**
 * What GET of a resource answers in the form of `/api`; undefined where there is no such resource. What vsweep does not
 * look at is there too, as far as the vSphere Automation API requires it (developer.broadcom.com, appliance and vcenter).
 */
export function readAppliance(resource: string, appliance: DemoAppliance): unknown {
  const [, component] = /^appliance\/health\/([a-z-]+)$/.exec(resource) ?? [];
  if (component !== undefined) return appliance.health[component];
  const [, chain] =
    /^vcenter\/certificate-management\/vcenter\/trusted-root-chains\/(.+)$/.exec(resource) ?? [];
  if (chain !== undefined) return inChain(appliance.trustedRoots[chain]);
  switch (resource) {
    case 'appliance/recovery/backup/job/details':
      return mapValues(appliance.backups, (job) => ({ ...BACKUP, ...job }));
    case 'appliance/recovery/backup/schedules':
      return mapValues(appliance.schedules, (schedule) => ({
        parts: ['seat'],
        location: PLACE,
        ...schedule,
      }));
    case 'appliance/local-accounts/root':
      return {
        fullname: 'root',
        roles: ['superAdmin'],
        enabled: true,
        has_password: true,
        password_expires_at: appliance.rootPasswordExpiresAt,
      };
    case 'vcenter/services':
      return mapValues(appliance.services, (service) => ({ ...SERVICE, ...service }));
    case 'vcenter/certificate-management/vcenter/signing-certificate':
      return {
        active_cert_chain: { cert_chain: appliance.signingChain },
        signing_cert_chains: [{ cert_chain: appliance.signingChain }],
      };
    case 'vcenter/certificate-management/vcenter/trusted-root-chains':
      return Object.keys(appliance.trustedRoots).map((one) => ({ chain: one }));
    case 'appliance/timesync':
      return appliance.timeSync;
    case 'appliance/ntp':
      return appliance.ntpServers;
    default:
      return undefined;
  }
}

const PLACE = 'sftp://backup.example.org/vcenter';
const BACKUP = {
  location: PLACE,
  location_user: 'backup',
  type: 'SCHEDULED',
  messages: [],
  cancelable: false,
};
const SERVICE = { name_key: 'cis.vpxd.ServiceName', description_key: 'cis.vpxd.ServiceDescription' };

const inChain = (chain: readonly string[] | undefined) =>
  chain === undefined ? undefined : { cert_chain: { cert_chain: chain } };

const MAPS = new WeakSet<object>();

function mapValues<Value>(values: Readonly<Record<string, Value>>, to: (value: Value) => object): object {
  const map = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, to(value)]));
  MAPS.add(map);
  return map;
}

/** In `/rest` a map is a list of its entries. */
export const inFormOfRest = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && MAPS.has(value)
    ? Object.entries(value).map(([key, one]: [string, unknown]) => ({ key, value: one }))
    : value;
