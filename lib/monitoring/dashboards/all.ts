import { CLUSTERS_DASHBOARD } from './clusters.ts';
import type { DashboardRow } from './dashboard.ts';
import { DATASTORES_DASHBOARD } from './datastores.ts';
import { FLEET } from './fleet.ts';
import { HOSTS_DASHBOARD } from './hosts.ts';
import { VCENTER_DASHBOARD } from './vcenter.ts';
import { VMS_DASHBOARD } from './vms.ts';
import { VSWEEP_DASHBOARD } from './vsweep.ts';

/** Every dashboard there is; each has a file in dashboards/. */
export const DASHBOARDS: readonly DashboardRow[] = [
  FLEET,
  HOSTS_DASHBOARD,
  VMS_DASHBOARD,
  DATASTORES_DASHBOARD,
  CLUSTERS_DASHBOARD,
  VCENTER_DASHBOARD,
  VSWEEP_DASHBOARD,
];
