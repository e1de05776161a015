import {
  classOfUser,
  VCENTER,
  type VcenterAnswers,
  type VcenterNeed,
  type VcenterReading,
} from '../catalogue/sources/vcenter.ts';
import type { Clock } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';
import { readCurrentTime } from '../vsphere/current-time.ts';
import { isNotAuthenticated } from '../vsphere/errors.ts';
import { readLicenses } from '../vsphere/license/licenses.ts';
import { readSessionList } from '../vsphere/session/session-list.ts';
import { readRecentTasks } from '../vsphere/task/recent-tasks.ts';
import { readScheduledTasks } from '../vsphere/task/scheduled-tasks.ts';
import { LackingError, lackedBy } from './lacking.ts';
import { type FoundPart, readPart, toParts } from './read-part.ts';
import type { TargetConnection, TargetReader } from './target-reader.ts';

interface Asked {
  readonly connection: TargetConnection;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** How each need is met. One that rejects costs its own rows. */
const READ: { readonly [Need in VcenterNeed]: (asked: Asked) => Promise<VcenterAnswers[Need]> } = {
  about: async ({ connection }) => connection.content.about.fields,
  async certificate({ connection }) {
    const endsAt = connection.certificateEndsAt();
    if (endsAt === undefined) throw new Error('the certificate of the connection has no readable end');
    return endsAt;
  },
  async clock({ connection, clock, signal }) {
    const startedAt = clock.monotonic();
    const time = await readCurrentTime(connection, { signal });
    const roundTripMs = clock.monotonic() - startedAt;
    return { time, at: clock.now() - roundTripMs / 2, roundTripMs };
  },
  licenses: ({ connection, signal }) => readLicenses(connection, { signal }),
  async sessions({ connection, signal }) {
    const list = await readSessionList(connection, { signal });
    if (list === undefined) throw new LackingError('Sessions.TerminateSession');
    const { current, all } = list;
    return all.map(({ userName, callCount }) => ({
      userClass: classOfUser(userName, current.userName),
      calls: callCount,
    }));
  },
  scheduledTasks: ({ connection, signal }) => readScheduledTasks(connection, { signal }),
  async tasks({ connection, signal }) {
    const tasks = await readRecentTasks(connection, { signal });
    const now = await readCurrentTime(connection, { signal });
    return tasks.map(({ state, since }) => ({ state, ageMs: now - since }));
  },
};

/**
 * What a vCenter says of itself. The clock is read first and alone, so that nothing delays its answer. What fails costs
 * its own rows; a session that has ended fails the reader.
 */
export const vcenter: TargetReader<VcenterNeed, VcenterReading> = {
  facts: VCENTER,
  async *read(wanted, { session: { connection }, clock, signal }) {
    for (const { kind, needs, items } of wanted) {
      const asked = { connection, clock, signal };
      const first = needs.includes('clock') ? [await readOne('clock', asked)] : [];
      const others = needs.filter((need) => need !== 'clock').map((need) => readOne(need, asked));
      const reading = toParts<VcenterAnswers>([...first, ...(await Promise.all(others))]);
      for (const { moref } of items) yield [kind, moref, reading];
    }
  },
};

async function readOne(need: VcenterNeed, asked: Asked): Promise<FoundPart<VcenterNeed>> {
  const readNeed: (limited: Asked) => Promise<VcenterAnswers[VcenterNeed]> = READ[need];
  return await readPart(need, (signal) => readNeed({ ...asked, signal }), {
    of: 'the vCenter',
    clock: asked.clock,
    signal: asked.signal,
    explain(error) {
      if (isNotAuthenticated(error)) throw error;
      const privilege = lackedBy(error);
      if (privilege !== undefined) return ['lacking', privilege];
      return ['failed', `${need} could not be read: ${messageOf(error)}`];
    },
  });
}
