import type { ReaderSession } from '../../lib/readers/reader.ts';
import type { TargetConnection } from '../../lib/readers/target-reader.ts';

const notThere = (): never => {
  throw new TypeError('this fake session has no connection');
};

/** For a fake session whose rows are all made of properties. */
export const NO_CONNECTION: Pick<ReaderSession, 'counters'> & { readonly connection: TargetConnection } = {
  connection: {
    get content() {
      return notThere();
    },
    get transport() {
      return notThere();
    },
    tidyUp: notThere,
    certificateEndsAt: notThere,
  },
  counters: () => Promise.reject(new TypeError('this fake session has no counters')),
};
