import { describeFaults } from './fault-suite.ts';
import { STATE_CASES } from './state-cases.ts';

describeFaults('the state table', { cases: STATE_CASES, hit: ['vc1/host-1'], inOneProcess: true });
