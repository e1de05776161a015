import { NO_KNOWN_HOSTS } from '../../../lib/config/known-hosts/find-keys.ts';
import type { EsxiConfig } from '../../../lib/config/schema.ts';
import type { ListedHost } from '../../../lib/inventory/host.ts';
import type { AccountHistory } from '../../../lib/state/stores/account-history.ts';
import {
  type BatchHost,
  type BatchRequest,
  type BatchResult,
  decodeBatchRequest,
  EMPTY_RESULT,
  encodeBatchResult,
  type ReadRequest,
} from '../../../lib/sweep/batch.ts';
import { type Outcome, ok } from '../../../lib/sweep/outcome.ts';
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
  does: 'ask',
  probes: ['services'],
  hosts: [],
  ...changes,
});

export const readRequest = (changes: Partial<ReadRequest> = {}): ReadRequest => ({
  version: 2,
  does: 'read',
  runId: 'run-1',
  sweep: 'services',
  target: 'vc01',
  batch: 0,
  endsAt: T0 + 40_000,
  ticket: 't',
  kind: 'host',
  items: [],
  ...changes,
});

/** The request of a batch that asks hosts. */
export function asking(bytes: Uint8Array): BatchRequest {
  const request = decodeBatchRequest(bytes);
  if (request.does !== 'ask') throw new TypeError('it asks no hosts');
  return request;
}

/** What a worker answers that does well whatever it is asked. */
export function answerWell(payload: Uint8Array, changes: Partial<BatchResult> = {}): Uint8Array {
  const request = decodeBatchRequest(payload);
  const { target, batch, does } = request;
  const morefs =
    request.does === 'ask'
      ? request.hosts.map(({ moref }) => moref)
      : request.items.map(([, moref]) => moref);
  const outcomes = morefs.map((moref): [string, Outcome] => [moref, ok]);
  return encodeBatchResult(batchResult({ target, batch, outcomes, ...changes }), { does });
}

export const batchResult = (changes: Partial<BatchResult> = {}): BatchResult => ({
  ...EMPTY_RESULT,
  target: 'vc01',
  batch: 0,
  ...changes,
});
