import { describeHistories } from './any-history.ts';

describeHistories('local');
