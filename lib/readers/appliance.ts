import {
  APPLIANCE,
  type ApplianceAnswers,
  type ApplianceNeed,
  type ApplianceReading,
} from '../catalogue/sources/appliance.ts';
import { eachAtOnce } from '../platform/at-once.ts';
import type { Clock } from '../platform/clock.ts';
import { withTimeLimit } from '../platform/deadline.ts';
import { messageOf } from '../platform/errors.ts';
import {
  countNtpServers,
  HEALTH_COMPONENTS,
  readBackupJobs,
  readBackupSchedules,
  readHealth,
  readRootPasswordEnd,
  readServices,
  readTimeSync,
} from '../vsphere/appliance/appliance-state.ts';
import { readSigningCertificate, readTrustedRoots } from '../vsphere/appliance/trust-certificates.ts';
import { VsphereReplyError } from '../vsphere/errors.ts';
import type { RestSession } from '../vsphere/rest/rest-session.ts';
import { type ApiVersion, isAtLeast } from '../vsphere/rest/rest-version.ts';
import { type FoundPart, type NoAnswer, readPart, toParts } from './read-part.ts';
import type { TargetReader } from './target-reader.ts';

/** Parts at once. */
const PARTS_AT_ONCE = 3;

type Options = { clock: Clock; signal: AbortSignal };

/**
 * Of one component: one that does not answer costs no other. However many do not, all have had their turn before the part
 * is over: two rounds of the eight.
 */
const COMPONENT_MS = 4_000;
const COMPONENTS_AT_ONCE = 4;

interface Part<Answer> {
  /** The version of the API that came with it: older ones are not asked. */
  readonly since: ApiVersion;
  /** What the account lacks where it is refused. */
  readonly takes: keyof typeof REMEDIES;
  read(rest: RestSession, options: Options): Promise<Answer>;
}

/** What an answer of 403 means, and what to do. */
const REMEDIES = {
  /** https://knowledge.broadcom.com/external/article/376424: since 7.0; before, only SystemConfiguration.Administrators. */
  group:
    'the account is not in the single sign-on group SystemConfiguration.ReadOnly. Add it: govc sso.group.update -a <user> SystemConfiguration.ReadOnly',
  role: "the account has no privilege System.Read on the root of the vCenter. Add it to the account's role",
} as const;

const PARTS: { readonly [Need in ApplianceNeed]: Part<ApplianceAnswers[Need]> } = {
  health: { since: [6, 5, 0], takes: 'group', read: readAllHealth },
  backups: { since: [6, 7, 0], takes: 'group', read: readBackupJobs },
  schedules: { since: [6, 7, 0], takes: 'group', read: readBackupSchedules },
  rootPassword: {
    since: [6, 7, 0],
    takes: 'group',
    read: async (rest, options) => ({ endsAt: await readRootPasswordEnd(rest, options) }),
  },
  services: { since: [6, 7, 0], takes: 'group', read: readServices },
  signingCertificate: { since: [7, 0, 3], takes: 'role', read: readSigningCertificate },
  trustedRoots: { since: [6, 7, 2], takes: 'role', read: readTrustedRoots },
  timeSync: { since: [6, 7, 0], takes: 'group', read: readTimeSync },
  ntpServers: { since: [6, 7, 0], takes: 'group', read: countNtpServers },
};

/** A component that fails costs itself, unless all do. */
async function readAllHealth(rest: RestSession, options: Options): Promise<ApplianceAnswers['health']> {
  const colours = new Map<string, string>();
  const failures: unknown[] = [];
  const problems: string[] = [];
  await eachAtOnce(COMPONENTS_AT_ONCE, HEALTH_COMPONENTS, async (component) => {
    try {
      const limit = { ...options, ms: COMPONENT_MS, what: component };
      const colour = await withTimeLimit(limit, (signal) => readHealth(rest, component, { signal }));
      colours.set(component, colour);
    } catch (error) {
      options.signal.throwIfAborted();
      failures.push(error);
      problems.push(`health of ${component} could not be read: ${messageOf(error)}`);
    }
  });
  if (colours.size === 0) throw failures[0];
  return { colours, problems };
}

/**
 * What the vCenter appliance says of itself. What fails costs its own rows. What the account may not see costs its rows
 * and one warning that says what the account lacks. A session that has ended fails the reader.
 */
export const appliance: TargetReader<ApplianceNeed, ApplianceReading> = {
  facts: APPLIANCE,
  async *read(wanted, { session, clock, signal }) {
    const rest = await session.rest({ signal });
    const { about } = session.connection.content;
    for (const { kind, needs, items } of wanted) {
      const isThere = (need: ApplianceNeed) => rest !== undefined && isAtLeast(PARTS[need].since, about);
      const absent = needs.filter((need) => !isThere(need)).map((need) => ['absent', need] as const);
      const asked = needs.filter(isThere);
      const found = rest === undefined ? [] : await readAll(rest, asked, { clock, signal });
      const reading = toParts<ApplianceAnswers>([...absent, ...found]);
      for (const { moref } of items) yield [kind, moref, reading];
    }
  },
};

async function readAll(
  rest: RestSession,
  needs: readonly ApplianceNeed[],
  options: Options,
): Promise<readonly FoundPart<ApplianceNeed>[]> {
  const found: FoundPart<ApplianceNeed>[] = [];
  const refused = new Map<ApplianceNeed, keyof typeof REMEDIES>();
  const ended: unknown[] = [];
  await eachAtOnce(PARTS_AT_ONCE, needs, async (need) => {
    const { read, takes } = PARTS[need];
    const explain = (error: unknown): NoAnswer => {
      const status = statusOf(error);
      if (status === FORBIDDEN) refused.set(need, takes);
      if (status === UNAUTHENTICATED) ended.push(error);
      if (status === NOT_FOUND)
        return [
          'denied',
          `the appliance has no ${need} (HTTP 404), which its version has. Check for a vCenter on Windows, and for a proxy between`,
        ];
      return ['failed', `${need} could not be read: ${messageOf(error)}`];
    };
    const one = await readPart(need, (signal) => read(rest, { clock: options.clock, signal }), {
      of: 'the appliance',
      ...options,
      explain,
    });
    found.push(one);
  });
  // Of one part alone it is the account; of all the session is over.
  if (ended.length > 0 && ended.length === needs.length) throw ended[0];
  return found.map((one) => {
    const takes = refused.get(one[1]);
    return takes === undefined ? one : ['denied', one[1], lacking(needsThat(takes, refused), takes)];
  });
}

const FORBIDDEN = 403;
const UNAUTHENTICATED = 401;
const NOT_FOUND = 404;

const statusOf = (error: unknown): number | undefined =>
  error instanceof VsphereReplyError ? error.status : undefined;

const needsThat = (takes: string, refused: ReadonlyMap<ApplianceNeed, string>): readonly ApplianceNeed[] =>
  [...refused].filter(([, one]) => one === takes).map(([need]) => need);

/** The same text for all, so that it is one warning. */
const lacking = (needs: readonly ApplianceNeed[], takes: keyof typeof REMEDIES): string =>
  `${needs.toSorted().join(', ')} of the appliance could not be read (HTTP 403): ${REMEDIES[takes]}`;
