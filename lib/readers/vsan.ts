import { VSAN, type VsanAnswers, type VsanNeed, type VsanReading } from '../catalogue/sources/vsan.ts';
import type { Clock } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';
import { isNotAuthenticated, VsphereReplyError } from '../vsphere/errors.ts';
import type { MoRef } from '../vsphere/property/retrieved-object.ts';
import { isVsanEnabled, readVsanHealth, readVsanResync, readVsanSpace } from '../vsphere/vsan/vsan-health.ts';
import { lackedBy } from './lacking.ts';
import { type FoundPart, type NoAnswer, readPart, toParts } from './read-part.ts';
import type { Reader, ReaderSession } from './reader.ts';

/** Clusters that are asked at the same time. */
const AT_ONCE = 4;

/** Of all clusters of a batch; those whose turn does not come in it are not asked in this run. */
const ALL_MS = 20_000;

interface Asked {
  readonly session: ReaderSession;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const READ: {
  readonly [Need in VsanNeed]: (
    session: ReaderSession['connection'],
    cluster: MoRef,
    options: { signal: AbortSignal },
  ) => Promise<VsanAnswers[Need]>;
} = { health: readVsanHealth, space: readVsanSpace, resync: readVsanResync };

/** Asks the vSAN service of each cluster with vSAN, each need by itself; of one without vSAN there is nothing. */
export const vsan: Reader<VsanNeed, VsanReading> = {
  facts: VSAN,
  async *read(needs, items, { session, clock, signal }) {
    const startedAt = clock.monotonic();
    for (let next = 0; next < items.length; next += AT_ONCE) {
      const isOver = clock.monotonic() - startedAt > ALL_MS;
      const some = items.slice(next, next + AT_ONCE).map(async ({ type, moref }) => {
        const found = isOver
          ? needs.map((need) => ['failed', need, NO_TURN] as const)
          : await readCluster(needs, { type, value: moref }, { session, clock, signal });
        return [moref, toParts<VsanAnswers>(found)] as const;
      });
      yield* await Promise.all(some);
    }
  },
};

async function readCluster(
  needs: readonly VsanNeed[],
  cluster: MoRef,
  asked: Asked,
): Promise<readonly FoundPart<VsanNeed>[]> {
  const { session, clock, signal } = asked;
  const ask = (need: VsanNeed, read: (limited: AbortSignal) => Promise<unknown>) =>
    readPart(need, read, { of: 'vSAN', clock, signal, explain: explain(need) });
  const [first, ...others] = needs;
  if (first === undefined) return [];
  const config = await ask(first, (limited) =>
    isVsanEnabled(session.connection, cluster, { signal: limited }),
  );
  if (config[0] !== 'answers') return needs.map((need) => ofNeed(config, need));
  if (config[2] !== true) return needs.map((need) => ['absent', need]);
  return await Promise.all(
    [first, ...others].map((need) =>
      ask(need, (limited) => READ[need](session.connection, cluster, { signal: limited })),
    ),
  );
}

const ofNeed = ([part, , why]: FoundPart<VsanNeed>, need: VsanNeed): FoundPart<VsanNeed> =>
  (why === undefined ? [part, need] : [part, need, why]) as FoundPart<VsanNeed>;

const NO_TURN = `vSAN was not asked: the other clusters took more than ${ALL_MS / 1_000} s`;

const NOT_FOUND = 404;

/** A vCenter without the service, as one whose service has not started, answers 404 or 503. */
const explain =
  (need: VsanNeed) =>
  (error: unknown): NoAnswer => {
    if (isNotAuthenticated(error)) throw error;
    const privilege = lackedBy(error);
    if (privilege !== undefined) return ['lacking', privilege];
    if (error instanceof VsphereReplyError && error.status === NOT_FOUND)
      return ['denied', 'this vCenter has no vSAN service (/vsanHealth); leave out the collector vsan'];
    return ['failed', `${need} of vSAN could not be read: ${messageOf(error)}`];
  };
