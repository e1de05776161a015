import { readLatestEvent } from '../vsphere/event/latest-event.ts';
import { PollError } from './errors.ts';
import type { PollMethod } from './method.ts';

export const latestEvent: PollMethod = {
  name: 'event.latest',
  summary: 'the message of the latest event',
  requiredKeys: [],
  successMessage: 'Successfully retrieved event',
  async run(session, _request, { signal }) {
    const event = await readLatestEvent(session, { signal });
    if (event === undefined) throw new PollError('There is no event yet', { code: 'unavailable' });
    return [{ event: event.fullFormattedMessage }];
  },
};
