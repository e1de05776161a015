import { describeFaults } from './fault-suite.ts';
import { PUSH_CASES } from './push-cases.ts';

describeFaults('the Pushgateway', { cases: PUSH_CASES, hit: ['vc1/host-1'] });
