import { describeFaults } from './fault-suite.ts';
import { VCENTER_CASES } from './vcenter-cases.ts';

describeFaults('a vCenter', { cases: VCENTER_CASES, hit: ['vc1/host-1', 'vc1/host-2'] });
