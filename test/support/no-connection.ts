import type { ReaderSession } from '../../lib/readers/reader.ts';

const notThere = (): never => {
  throw new TypeError('this fake session has no connection');
};

/** For a fake session of a worker whose rows are all made of properties. */
export const NO_CONNECTION: Pick<ReaderSession, 'connection' | 'counters'> = {
  connection: {
    get content() {
      return notThere();
    },
    get transport() {
      return notThere();
    },
    tidyUp: notThere,
  },
  counters: () => Promise.reject(new TypeError('this fake session has no counters')),
};
