import { describeFaults } from './fault-suite.ts';
import { NETBOX_CASES } from './netbox-cases.ts';

describeFaults('NetBox', { cases: NETBOX_CASES, hit: ['vc2/host-3'], withNetbox: true });
