import { diskSmart } from '../esxi/probes/disk-smart.ts';
import { type NvmeHealth, nvmeHealth } from '../esxi/probes/nvme-health.ts';
import { check, one, points } from './host-checks.ts';
import type { MetricRow, Unit } from './row.ts';
import { probed } from './sources/probe.ts';

const nvme = (
  name: string,
  help: string,
  unit: Unit,
  readingOf: (disk: NvmeHealth) => number | undefined,
): MetricRow =>
  check(nvmeHealth, {
    name,
    help,
    unit,
    labels: ['adapter'],
    source: probed(
      nvmeHealth,
      points((disks) => disks.flatMap((disk) => one(readingOf(disk), disk.adapter))),
    ),
  });

/** The health of local disks: a command a disk, so it is a collector of its own. */
export const HOST_DISKS: readonly MetricRow[] = [
  check(diskSmart, {
    name: 'esxi_disk_smart_healthy',
    help: 'Whether SMART calls a local disk healthy: 1 yes, 0 no; disks that say neither have no sample',
    unit: 'boolean',
    labels: ['disk'],
    source: probed(
      diskSmart,
      points((disks) =>
        disks.flatMap(({ disk, isHealthy }) =>
          one(isHealthy === undefined ? undefined : isHealthy ? 1 : 0, disk),
        ),
      ),
    ),
  }),
  check(diskSmart, {
    name: 'esxi_disk_temperature_celsius',
    help: 'Temperature of a local disk by SMART, in degrees Celsius; ESXi 7.0 and later',
    unit: 'celsius',
    since: '7.0',
    labels: ['disk'],
    source: probed(
      diskSmart,
      points((disks) => disks.flatMap(({ disk, celsius }) => one(celsius, disk))),
    ),
  }),
  check(diskSmart, {
    name: 'esxi_disk_smart',
    help: 'A parameter of SMART of a local disk, by kind: value (normalised by the vendor for ATA), threshold, worst or raw',
    unit: 'number',
    labels: ['disk', 'parameter', 'kind'],
    source: probed(
      diskSmart,
      points((disks) =>
        disks.flatMap(({ disk, parameters }) =>
          parameters.flatMap(({ parameter, kind, value }) => one(value, disk, parameter, kind)),
        ),
      ),
    ),
  }),
  nvme(
    'esxi_nvme_used_percent',
    'Share of the rated life of an NVMe disk that is used, in percent; it may exceed 100',
    'percent',
    ({ usedPercent }) => usedPercent,
  ),
  nvme(
    'esxi_nvme_available_spare_percent',
    'Share of the spare blocks of an NVMe disk that is left, in percent',
    'percent',
    ({ sparePercent }) => sparePercent,
  ),
  nvme(
    'esxi_nvme_media_errors',
    'Errors of media and data integrity that an NVMe disk has counted in its life',
    'number',
    ({ mediaErrors }) => mediaErrors,
  ),
  nvme(
    'esxi_nvme_temperature_celsius',
    'Temperature of an NVMe disk, in degrees Celsius',
    'celsius',
    ({ celsius }) => celsius,
  ),
  nvme(
    'esxi_nvme_critical_warning',
    'Whether an NVMe disk has a critical warning: 1 yes, 0 no',
    'boolean',
    ({ hasWarning }) => (hasWarning ? 1 : 0),
  ),
];
