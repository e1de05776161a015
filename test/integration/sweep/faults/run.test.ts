import { describeFaults } from './fault-suite.ts';
import { RUN_CASES } from './run-cases.ts';

describeFaults('a run', { cases: RUN_CASES, hit: ['vc1/host-1'] });
