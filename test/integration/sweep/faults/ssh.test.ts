import { describeFaults } from './fault-suite.ts';
import { SSH_CASES } from './ssh-cases.ts';

describeFaults('a host', { cases: SSH_CASES, hit: ['vc1/host-1'] });
