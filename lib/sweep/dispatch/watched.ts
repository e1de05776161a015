import type { FinishedBatch } from '../finished-batch.ts';
import type { Dispatcher } from './dispatch.ts';
import { isLeftForTurn } from './left-for-turn.ts';

/** A dispatcher that notes what it sends, and tells how many hosts are back or lost. */
export function watched(
  { send }: Dispatcher,
  sent: Promise<FinishedBatch>[],
  tell: (done: number) => void,
): Dispatcher {
  let done = 0;
  const counted = async (sending: Promise<FinishedBatch>) => {
    const finished = await sending;
    done += finished.hosts.filter((host) => !isLeftForTurn(host)).length;
    tell(done);
    return finished;
  };
  return {
    send(...batch) {
      const sending = send(...batch).map(counted);
      sent.push(...sending);
      return sending;
    },
  };
}
