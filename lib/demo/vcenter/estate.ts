import type { DemoTag } from './rest-service.ts';

/**
 * What else than hosts the simulated vCenter has. References between them are the values of morefs; what refers to a
 * host or datacenter that is not there stands below the root folder.
 */
export interface DemoEstate {
  readonly virtualMachines: readonly DemoVirtualMachine[];
  readonly datastores: readonly DemoDatastore[];
  readonly networks: readonly DemoNetwork[];
  readonly datastoreClusters: readonly DemoDatastoreCluster[];
  readonly distributedSwitches: readonly DemoDistributedSwitch[];
  readonly alarms: readonly DemoAlarm[];
  /** Oldest first. */
  readonly events: readonly DemoEvent[];
  /** Default: none. */
  readonly tags?: readonly DemoTag[];
  /** Custom attributes by the key of each; their values are the objects'. Default: none. */
  readonly customFields?: readonly DemoCustomField[];
  /** Of the last minutes. Default: none. */
  readonly tasks?: readonly DemoTask[];
  readonly scheduledTasks?: readonly DemoScheduledTask[];
  /** Default: none. */
  readonly licenses?: readonly DemoLicense[];
  /** Default: no cluster has vSAN. */
  readonly vsan?: readonly DemoVsan[];
}

/** vSAN of a cluster, by its moref; tests have their results by id. */
export interface DemoVsan {
  readonly cluster: string;
  readonly overallHealth: string;
  readonly groups: readonly {
    readonly id: string;
    readonly health: string;
    readonly tests: Readonly<Record<string, string>>;
  }[];
  readonly totalBytes: number;
  readonly freeBytes: number;
  readonly resyncBytes: number;
  readonly resyncObjects: number;
}

/** A licence of an edition, or the evaluation (`eval`); its end is ISO 8601. */
export interface DemoLicense {
  readonly editionKey: string;
  readonly total: number;
  readonly used: number;
  readonly costUnit: string;
  readonly expirationDate?: string;
}

/** A task; its times are ISO 8601. */
export interface DemoTask {
  readonly moref: string;
  readonly state: 'queued' | 'running' | 'success' | 'error';
  readonly queueTime: string;
  /** Absent of one that waits. */
  readonly startTime?: string;
}

/** A scheduled task; its time is ISO 8601. */
export interface DemoScheduledTask {
  readonly moref: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly state: 'queued' | 'running' | 'success' | 'error';
  readonly nextRunTime?: string;
}

/** A custom attribute, and its values by the moref of the object. */
export interface DemoCustomField {
  readonly key: number;
  readonly name: string;
  readonly values: Readonly<Record<string, string>>;
}

export interface DemoVirtualMachine {
  readonly moref: string;
  readonly name: string;
  /** Moref of its host. */
  readonly host: string;
  readonly powerState: 'poweredOn' | 'poweredOff' | 'suspended';
  /** The name of the vApp that it is in, in the root pool of its host. */
  readonly virtualApp?: string;
  readonly uuid: string;
  readonly instanceUuid: string;
  readonly datastores: readonly string[];
  readonly networks: readonly string[];
  readonly snapshots: readonly DemoSnapshot[];
  /** Default connected. */
  readonly connectionState?: 'connected' | 'orphaned' | 'inaccessible';
  /** Needs an answer, a consolidation and a restart of its guest, and is limited; in order by default. */
  readonly needsCare?: boolean;
  /** MHz of CPU, and as many MiB of memory. Default 0. */
  readonly reservation?: number;
  /** Undefined without running VMware Tools. */
  readonly guest: DemoGuest | undefined;
}

export interface DemoGuest {
  readonly hostName: string;
  readonly ipAddress: string;
  readonly disks: readonly { readonly path: string; readonly capacity: number; readonly freeSpace: number }[];
  readonly account: { readonly username: string; readonly password: string };
  readonly processes: readonly { readonly pid: number; readonly owner: string; readonly cmdLine: string }[];
}

export interface DemoSnapshot {
  readonly moref: string;
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly createTime: string;
  readonly quiesced: boolean;
  readonly children: readonly DemoSnapshot[];
}

export interface DemoDatastore {
  readonly moref: string;
  readonly name: string;
  readonly datacenter: string;
  /** `ds:///vmfs/volumes/…/` */
  readonly url: string;
  readonly capacity: number;
  readonly freeSpace: number;
  /** What virtual machines may still take of it. Default an eighth of its capacity. */
  readonly uncommitted?: number;
  /** No host can access it. */
  readonly isInaccessible?: boolean;
  /** Moref of the datastore cluster that it is in. */
  readonly datastoreCluster?: string;
}

export interface DemoDatastoreCluster {
  readonly moref: string;
  readonly name: string;
  readonly datacenter: string;
}

export interface DemoDistributedSwitch {
  readonly moref: string;
  readonly name: string;
  readonly datacenter: string;
  readonly portgroups: readonly { readonly moref: string; readonly name: string }[];
}

export interface DemoNetwork {
  readonly moref: string;
  readonly name: string;
  readonly datacenter: string;
}

export interface DemoAlarm {
  /** Moref of the alarm's definition. */
  readonly alarm: string;
  readonly name: string;
  /** Of an alarm that vSphere defines itself. */
  readonly systemName?: string;
  /** Moref of the entity on which it is triggered. */
  readonly entity: string;
  readonly status: 'yellow' | 'red';
  readonly time: string;
  readonly acknowledgedBy?: string;
}

export interface DemoEvent {
  readonly key: number;
  readonly createdTime: string;
  readonly userName: string;
  readonly message: string;
  /** A class of the API, or with dots the id of an EventEx. Default: a login. */
  readonly type?: string;
}

export const NO_ESTATE: DemoEstate = {
  virtualMachines: [],
  datastores: [],
  networks: [],
  datastoreClusters: [],
  distributedSwitches: [],
  alarms: [],
  events: [],
};
