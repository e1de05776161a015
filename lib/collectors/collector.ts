import type { ServiceReading } from '../esxi/service-reading.ts';
import type { MetricDefinition, Sample } from '../metrics/family.ts';
import type { RetrievedObject } from '../vsphere/property/retrieved-object.ts';

/** The label values that samples of one host carry. */
export interface HostLabels {
  readonly vcenter: string;
  readonly site: string;
  /** vCenter's `name`, whatever address was dialled. */
  readonly hostsystem: string;
}

/** What is known of one host when a collector is called; a part that no collector needs, or that failed, is absent. */
export interface HostSubject {
  readonly labels: HostLabels;
  readonly object?: RetrievedObject;
  /** The state of each configured service, in the order of the configuration; only of a host that answered. */
  readonly services?: readonly ServiceReading[];
}

export interface Collected {
  readonly samples: readonly Sample[];
  /** What could not be read, in words for the operator; each costs samples, never the host. */
  readonly warnings: readonly string[];
}

/**
 * Turns what was read of one object into samples; does no I/O. `needs` is what the runner retrieves for it.
 * The collector is called once an object, when every part it needs was read.
 */
export interface Collector {
  /** The file's name and the configuration's word for it. */
  readonly name: string;
  readonly subject: 'HostSystem';
  readonly needs: {
    /** Leaf property paths of the subject; none means that vCenter is not asked. */
    readonly properties: readonly string[];
    readonly probes: readonly 'services'[];
  };
  readonly metrics: readonly MetricDefinition[];
  collect(subject: HostSubject): Collected;
}
