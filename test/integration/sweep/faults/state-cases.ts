import type { FaultCase } from './fault-case.ts';

/** The process saw every host accept the account, and its key. */
const KNOWN = {
  vcenter: 'ok',
  ssh: 'ok',
  pushed: ['vsweep_state_up 0'],
  exitCode: 0,
  remedy: 'nothing',
} as const;

const throttled = () =>
  Promise.reject(
    Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException', $fault: 'client' }),
  );

export const STATE_CASES: readonly FaultCase[] = [
  {
    fault: 'down',
    ...KNOWN,
    message: 'The state table did not answer …: Error: connect ECONNREFUSED. The next run tries again.',
    make({ table }) {
      table.answer = () => Promise.reject(new Error('connect ECONNREFUSED'));
    },
  },
  {
    fault: 'throttled',
    ...KNOWN,
    message:
      'The state table did not answer …: ThrottlingException: Rate exceeded. The next run tries again.',
    make({ table }) {
      table.answer = throttled;
    },
  },
  {
    fault: 'can be read and not written',
    ...KNOWN,
    message: 'The state table did not answer …: Error: the disk is full. The next run tries again.',
    make({ table }) {
      table.answer = (forward, { isWrite }) =>
        isWrite ? Promise.reject(new Error('the disk is full')) : forward();
    },
  },
  {
    fault: 'slow',
    ...KNOWN,
    pushed: ['vsweep_state_up 1'],
    message: '',
    make({ table, fleet }) {
      table.answer = async (forward, { signal }) => {
        await fleet.clock.sleep(30, { signal });
        return forward();
      };
    },
  },
];
