import { describeHistories } from './any-history.ts';

describeHistories('domain');
