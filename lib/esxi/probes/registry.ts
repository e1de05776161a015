import type { Probe } from '../session/probe.ts';
import { accountFailures } from './account-failures.ts';
import { adapterErrors } from './adapter-errors.ts';
import { advancedSettings } from './advanced-settings.ts';
import { bootbank } from './bootbank.ts';
import { coreDumpTarget } from './core-dump-target.ts';
import { coreDumps } from './core-dumps.ts';
import { diskSmart } from './disk-smart.ts';
import { hostd } from './hostd.ts';
import { ipmiEvents } from './ipmi-events.ts';
import { ipmiSensors } from './ipmi-sensors.ts';
import { nicErrors } from './nic-errors.ts';
import { ntp } from './ntp.ts';
import { nvmeHealth } from './nvme-health.ts';
import { ramdisks } from './ramdisks.ts';
import { services } from './services.ts';
import { storagePaths } from './storage-paths.ts';
import { vibs } from './vibs.ts';
import { vmkernelLog } from './vmkernel-log.ts';

/** Every probe there is. A line a probe: docs/adding-a-metric.md. */
export const PROBES: readonly Probe[] = [
  services,
  hostd,
  ntp,
  bootbank,
  coreDumps,
  storagePaths,
  nicErrors,
  accountFailures,
  vibs,
  advancedSettings,
  vmkernelLog,
  diskSmart,
  nvmeHealth,
  ramdisks,
  coreDumpTarget,
  adapterErrors,
  ipmiSensors,
  ipmiEvents,
];
