import type { Flights } from '../../logins/trial/flights.ts';
import type { BatchHost } from '../batch.ts';
import type { AskedHosts } from '../dispatch/ask-hosts.ts';
import type { PreparedSsh } from '../dispatch/ssh-plan.ts';
import type { NetboxPlan } from '../plan/netbox-plan.ts';

/** What came of the hosts of a target, with what is known of them besides. */
export interface AskedTarget extends AskedHosts {
  readonly hosts: readonly BatchHost[];
  readonly problems: readonly string[];
  readonly netbox?: NetboxPlan | undefined;
  readonly ssh?: PreparedSsh | undefined;
  readonly flights?: Pick<Flights<BatchHost>, 'land'> | undefined;
  /** A worker may have done what nobody knows of. */
  readonly isLossy: boolean;
}
