import { NO_KNOWN_HOSTS } from '../../../lib/config/known-hosts/find-keys.ts';
import type { EsxiConfig } from '../../../lib/config/schema.ts';
import type { ListedHost } from '../../../lib/inventory/host.ts';
import type { AccountHistory } from '../../../lib/state/stores/account-history.ts';
import type { BatchHost, BatchRequest, BatchResult } from '../../../lib/sweep/batch.ts';
import type { SshPlan } from '../../../lib/sweep/plan/plan-hosts.ts';

export const T0 = Date.UTC(2026, 0, 1);

export const listedHost = (number: number, changes: Partial<ListedHost> = {}): ListedHost => ({
  moref: `host-${number}`,
  name: `esx${number}.example.org`,
  connectionState: 'connected',
  powerState: 'poweredOn',
  inMaintenanceMode: false,
  lockdownMode: 'lockdownDisabled',
  facts: { cluster: 'c1', datacenter: 'dc' },
  managementAddress: undefined,
  ...changes,
});

export const esxiConfig = (changes: Partial<EsxiConfig> = {}): EsxiConfig => ({
  credentials: { env: 'ESXI', scope: 'host' },
  address: 'name',
  port: 22,
  overrides: {},
  services: ['hostd'],
  hostKeys: {},
  lockdown: 'skip',
  maintenance: 'collect',
  concurrency: 250,
  timeouts: { connectSeconds: 3, loginSeconds: 15, commandSeconds: 15 },
  ...changes,
});

export const sshPlan = (changes: Partial<SshPlan> = {}): SshPlan => ({
  target: 'vc01',
  esxi: esxiConfig(),
  knownHosts: NO_KNOWN_HOSTS,
  credentialVersion: 'v1',
  accounts: new Map(),
  hostKeys: new Map(),
  askedByOthers: new Set(),
  now: T0,
  blacklistMinutes: 20,
  stateDown: false,
  ...changes,
});

export const history = (changes: Partial<AccountHistory> = {}): AccountHistory => ({
  user: 'root',
  address: '10.0.0.1',
  refusals: 0,
  refusedVersions: [],
  ...changes,
});

export const batchHost = (number: number, changes: Partial<BatchHost> = {}): BatchHost => ({
  moref: `host-${number}`,
  name: `esx${number}.example.org`,
  site: 'qa',
  address: `10.0.0.${number}`,
  port: 22,
  ssh: 'try',
  proven: true,
  account: { refusals: 0 },
  ...changes,
});

export const batchRequest = (changes: Partial<BatchRequest> = {}): BatchRequest => ({
  version: 2,
  runId: 'run-1',
  sweep: 'services',
  target: 'vc01',
  batch: 0,
  endsAt: T0 + 40_000,
  vcenter: 'not-needed',
  hosts: [],
  ...changes,
});

export const batchResult = (changes: Partial<BatchResult> = {}): BatchResult => ({
  version: 2,
  target: 'vc01',
  batch: 0,
  outcomes: [],
  logins: [],
  pinned: [],
  details: [],
  families: [],
  collectors: [],
  warnings: [],
  measurements: { vcenterCalls: 0, vcenterBytes: 0, failedLogouts: 0, durationMs: 0 },
  ...changes,
});
