import type { ListedHost } from '../../inventory/host.ts';
import type { DEMO_CERTIFICATES } from './demo-certificates.ts';

/** A host as the simulated vCenter knows it. */
export interface DemoVcenterHost {
  readonly moref: string;
  readonly name: string;
  /** Empty for a host outside of a cluster. */
  readonly cluster: string;
  readonly datacenter: string;
  readonly connectionState: Exclude<ListedHost['connectionState'], 'unreadable'>;
  readonly powerState: Exclude<ListedHost['powerState'], 'unreadable'>;
  readonly inMaintenanceMode: boolean;
  readonly lockdownMode: NonNullable<ListedHost['lockdownMode']>;
  readonly overallStatus: 'green' | 'yellow' | 'red' | 'gray';
  /** `config.service`. */
  readonly services: readonly { readonly key: string; readonly running: boolean }[];
  /** `config.option`: advanced settings. */
  readonly options?: Readonly<Record<string, number>>;
  readonly managementAddress?: string;
  readonly hygiene?: DemoHostHygiene;
  /** What its vSAN system says of itself. Default healthy. */
  readonly vsanHealth?: 'healthy' | 'unhealthy' | 'unknown';
  /** By how much its clock is ahead. Default 0. */
  readonly clockOffsetMs?: number;
  /** Everything below `config` is unset, as on a host that vCenter has lost. */
  readonly configUnset?: boolean;
  /** Property paths, or beginnings of them, that the account may not read: they come in missingSet. */
  readonly unreadable?: readonly string[];
}

/** What of a host has to be known before it hurts; without a field it is in order. */
export interface DemoHostHygiene {
  readonly rebootRequired?: boolean;
  /** Classes of events, or `esx.problem.…`, which is an EventEx. */
  readonly configIssues?: readonly string[];
  readonly haState?: string;
  readonly complianceState?: string;
  readonly certificate?: keyof typeof DEMO_CERTIFICATES;
  readonly isTimeSynchronized?: boolean;
  /** Uses NTP because PTP fails. */
  readonly isTimeInFallback?: boolean;
  /** ISO 8601. */
  readonly lastTimeSync?: string;
  /** Default: two. */
  readonly ntpServers?: readonly string[];
  readonly syslogTarget?: string;
  readonly scratch?: string;
  readonly hasDumpPartition?: boolean;
  /** Of four. */
  readonly deadPaths?: number;
  /** Of two. */
  readonly linksDown?: number;
  /** Of two. */
  readonly lostLuns?: number;
  /** How much of CPU and memory is used, from 0 to 1. */
  readonly load?: number;
  /** Of the only fan. */
  readonly fan?: 'green' | 'red';
}
