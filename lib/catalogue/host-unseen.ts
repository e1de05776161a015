import { adapterErrors } from '../esxi/probes/adapter-errors.ts';
import { coreDumpTarget } from '../esxi/probes/core-dump-target.ts';
import { ipmiEvents } from '../esxi/probes/ipmi-events.ts';
import { ipmiSensors } from '../esxi/probes/ipmi-sensors.ts';
import { ramdisks } from '../esxi/probes/ramdisks.ts';
import { check, one, points } from './host-checks.ts';
import type { MetricRow } from './row.ts';
import { probed } from './sources/probe.ts';

/**
 * Checks whose answers nobody has published as the formatters of esxcli print them: made from documented names of columns.
 * Where a host names them otherwise, the check fails by that name. The board's sensors and events take it up to a minute.
 */
export const HOST_UNSEEN: readonly MetricRow[] = [
  check(ramdisks, {
    name: 'esxi_ramdisk_used_ratio',
    help: 'Used share of a ramdisk of the host, 0 to 1; those without a limit have no sample',
    unit: 'number',
    labels: ['ramdisk'],
    source: probed(
      ramdisks,
      points((found) => found.flatMap(({ ramdisk, used }) => one(used, ramdisk))),
    ),
  }),
  check(ramdisks, {
    name: 'esxi_ramdisk_inodes_used_ratio',
    help: 'Used share of the inodes of a ramdisk of the host, 0 to 1',
    unit: 'number',
    labels: ['ramdisk'],
    source: probed(
      ramdisks,
      points((found) => found.flatMap(({ ramdisk, usedInodes }) => one(usedInodes, ramdisk))),
    ),
  }),
  check(coreDumpTarget, {
    name: 'esxi_core_dump_target',
    help: 'Whether the host would write a dump there after a purple screen, by target: 1 yes, 0 no',
    unit: 'boolean',
    labels: ['target'],
    source: probed(
      coreDumpTarget,
      points((targets) => targets.flatMap(([target, isActive]) => one(isActive ? 1 : 0, target))),
    ),
  }),
  check(adapterErrors, {
    name: 'esxi_storage_adapter_errors',
    help: 'Failed operations that a storage adapter has counted since the start of the host, by kind',
    unit: 'number',
    labels: ['adapter', 'kind'],
    source: probed(
      adapterErrors,
      points((adapters) =>
        adapters.flatMap(({ adapter, counters }) =>
          counters.flatMap(([kind, count]) => one(count, adapter, kind)),
        ),
      ),
    ),
  }),
  check(ipmiSensors, {
    name: 'esxi_ipmi_sensor_reading',
    help: 'What a sensor of the board measures, in the unit of its label',
    unit: 'number',
    labels: ['sensor', 'sensor_unit'],
    source: probed(
      ipmiSensors,
      points((sensors) => sensors.flatMap(({ sensor, unit, value }) => one(value, sensor, unit))),
    ),
  }),
  check(ipmiEvents, {
    name: 'esxi_ipmi_event_log_entries',
    help: 'Number of entries of the event log of the board',
    unit: 'number',
    source: probed(
      ipmiEvents,
      points(({ count }) => one(count)),
    ),
  }),
  check(ipmiEvents, {
    name: 'esxi_ipmi_event_log_newest_timestamp_seconds',
    help: 'Time of the newest entry of the event log of the board, in seconds since the epoch, by its own clock',
    unit: 'timestamp',
    source: probed(
      ipmiEvents,
      points(({ newest }) => one(newest)),
    ),
  }),
];
