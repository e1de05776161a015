import type { HostLabels, HostSubject } from '../../../lib/collectors/collector.ts';
import type { ServiceReading } from '../../../lib/esxi/service-reading.ts';
import type { PropertyValue, RetrievedObject } from '../../../lib/vsphere/property/retrieved-object.ts';

export const labelsOf = (hostsystem: string): HostLabels => ({
  vcenter: 'vc-a-0.cc.qa-de-1.example.org',
  site: 'qa-de-1a',
  hostsystem,
});

export function retrieved(
  properties: Record<string, PropertyValue>,
  missing: Record<string, string> = {},
): RetrievedObject {
  return {
    moref: { type: 'HostSystem', value: 'host-9' },
    properties: new Map(Object.entries(properties)),
    missing: new Map(Object.entries(missing)),
  };
}

export const withStatus = (hostsystem: string, overallStatus: PropertyValue): HostSubject => ({
  labels: labelsOf(hostsystem),
  object: retrieved({ overallStatus }),
});

export const withServices = (
  hostsystem: string,
  services: Readonly<Record<string, ServiceReading['state']>>,
): HostSubject => ({
  labels: labelsOf(hostsystem),
  services: Object.entries(services).map(([service, state]) => ({ service, state })),
});
