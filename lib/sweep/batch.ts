import * as z from 'zod';
import { KINDS } from '../inventory/kinds.ts';
import { CARES, LOGIN_ENDS } from '../logins/asked-batch.ts';
import { MAX_DETAIL_CHARACTERS } from '../logins/rules/left-alone.ts';
import { areTooMany, columns } from './columns.ts';
import { BatchError } from './errors.ts';
import { failed, type Outcome, parseOutcome, printOutcome, SKIPPED_REASONS, skipped } from './outcome.ts';
import { pack, packWithin, parse, unpack } from './payload.ts';

/**
 * The batch contract: what the sweep asks of a worker and what comes back, as bytes that are JSON (a Lambda payload
 * has to be), compressed inside it when large, checked on both sides. A changed shape takes a new version.
 *
 * A batch does one thing. To *read* is to read objects of one kind from vCenter, in a session that a ticket opens; to
 * *ask* is to log in to hosts by ssh. Neither waits for the other.
 */
export const BATCH_VERSION = 2;

/** A Lambda answer may have 6 MB; the rest is room for the envelope. */
export const MAX_RESULT_BYTES = 5_000_000;

const MAX_TEXT_CHARACTERS = 4_096;
const text = z.string().max(MAX_TEXT_CHARACTERS);
const MAX_MOREF_CHARACTERS = 256;
const moref = z.string().min(1).max(MAX_MOREF_CHARACTERS);
const version = z.literal(BATCH_VERSION);
const epochMs = z.number().nonnegative();

const hostKey = z.strictObject({ type: text, blob: z.string().max(16_384) });

/**
 * Why a host is not asked by ssh; `deadline`: its turn did not come in time; `no-credential`: there is none, because the
 * sweep does not ssh, or it could not be read; `worker`: a worker ended while it dialled the host.
 */
const notAsked = z.enum([...SKIPPED_REASONS, 'deadline', 'no-credential', 'worker']);
export type NotAsked = z.output<typeof notAsked>;

/** A host that is not asked by ssh; `why` is for the operator, where the reason does not say it all. */
const leftAlone = z.strictObject({
  skip: notAsked,
  why: z.string().max(MAX_DETAIL_CHARACTERS).exactOptional(),
});
export type LeftAlone = z.output<typeof leftAlone>;

export function outcomeOfNotAsked(why: NotAsked): Outcome {
  if (why === 'no-credential' || why === 'worker') return failed('worker');
  return why === 'deadline' ? failed(why) : skipped(why);
}

const batchHost = z.strictObject({
  moref,
  /** vCenter's name: the label, whatever is dialled. */
  name: text,
  site: text,
  address: text,
  port: z.int().min(1).max(65_535),
  /** The pinned key; without one the first key seen is pinned. */
  hostKey: hostKey.optional(),
  ssh: z.union([z.literal('try'), leftAlone]),
  /**
   * The account was accepted here with this very credential version, and nothing happened since: no attempt is put
   * on record before the login. The run's record of batches in flight stands for it.
   */
  proven: z.boolean(),
  /** Of the one account of a domain: it never accepted it, or may have refused it since. */
  doubtful: z.enum(['stranger', 'refused']).exactOptional(),
  /** The account's history as it was read: an attempt is begun only while it is unchanged. */
  account: z.strictObject({
    refusals: z.int().min(0).max(1_000),
    openAttempt: z.strictObject({ version: text, at: epochMs }).exactOptional(),
  }),
});
export type BatchHost = z.output<typeof batchHost>;

/**
 * The host as a request may hold it. What vCenter or the state says of one host and no request may hold would cost all
 * hosts of its batch: such a host is asked by nobody, and its labels are cut.
 */
export function withinContract(host: BatchHost): BatchHost {
  const parsed = batchHost.safeParse(host);
  if (parsed.success) return host;
  const [issue] = parsed.error.issues;
  const { hostKey: _left, ...rest } = host;
  const cut = (value: string) => value.slice(0, MAX_TEXT_CHARACTERS);
  return {
    ...rest,
    name: cut(host.name),
    site: cut(host.site),
    address: cut(host.address),
    ssh: {
      skip: 'worker',
      why: `no login was tried, because its ${issue?.path.join('.')} from vCenter is invalid: ${issue?.message}`,
    },
  };
}

const common = {
  version,
  runId: text,
  sweep: text,
  target: text,
  /** Its number in the run, from 0. */
  batch: z.int().nonnegative(),
  /** The worker is done by then; milliseconds since the epoch. */
  endsAt: epochMs,
};

/** Items that one session reads. */
const MAX_ITEMS = 5_000;

const isMoref = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= MAX_MOREF_CHARACTERS;

const isReference = (item: unknown): item is [type: string, moref: string] =>
  Array.isArray(item) &&
  item.length === 2 &&
  typeof item[0] === 'string' &&
  item[0].length <= 64 &&
  isMoref(item[1]);

const isTime = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** Whether a request may hold the reference of an item, type and value; one that it may not would cost all items of its batch. */
export const mayBeRead = (item: readonly [type: string, moref: string]): boolean => isReference(item);

/** In one loop, as columns are checked: a schema for each of a thousand rows takes ten times as long. */
const rowsOf = <Row>(isRow: (value: unknown) => value is Row, otherwise: string) =>
  z.custom<Row[]>(
    (value) => Array.isArray(value) && value.length <= MAX_ITEMS && value.every((row) => isRow(row)),
    otherwise,
  );

const readRequest = z.strictObject({
  ...common,
  does: z.literal('read'),
  /** Opens the worker's session, once. It travels in this synchronous request only and goes into no log. */
  ticket: text,
  kind: z.enum(KINDS.map(({ name }) => name)),
  items: rowsOf(isReference, 'not references of items'),
  /** Of each item: since when all real-time samples are wanted, in milliseconds since the epoch. */
  since: rowsOf(isTime, 'not times of items').exactOptional(),
});
export type ReadRequest = z.output<typeof readRequest>;

const batchRequest = z.strictObject({
  ...common,
  does: z.literal('ask'),
  /** The credential for ssh, fixed for the run; without one no host is asked. */
  credential: z
    .strictObject({ id: text, version: text, username: text, scope: z.enum(['host', 'domain']) })
    .optional(),
  /**
   * After a lost worker: hosts are asked one at a time, and each is marked while it is dialled. `slice`: some that were
   * asked together; `alone`: one at which a worker ended, whose mark stays until it answers.
   */
  care: z.enum(CARES).exactOptional(),
  /** What is asked of each host, by the names of probes: a worker takes none that it does not know. */
  probes: z.array(z.string().regex(/^[a-z][a-z0-9-]{0,31}$/)).max(128),
  hosts: z.array(batchHost).max(MAX_ITEMS),
});
/** One that asks hosts. */
export type BatchRequest = z.output<typeof batchRequest>;

const anyRequest = z.discriminatedUnion('does', [readRequest, batchRequest]);
export type AnyRequest = z.output<typeof anyRequest>;

const isOutcomeOfItem = (row: unknown): row is [moref: string, outcome: string] =>
  Array.isArray(row) &&
  row.length === 2 &&
  isMoref(row[0]) &&
  typeof row[1] === 'string' &&
  parseOutcome(row[1]) !== undefined;

const outcomes = rowsOf(isOutcomeOfItem, 'not outcomes of items').transform((rows) =>
  rows.map(([item, outcome]): [moref: string, outcome: Outcome] => [item, parseOutcome(outcome) as Outcome]),
);

/** How a login ended whose credential was sent. */
const loginEnd = z.enum(LOGIN_ENDS);

/** More, and longer ones, are cut where the result is encoded: they may not cost it. */
const MAX_WARNINGS = 1_000;
const MAX_WARNING_CHARACTERS = 2_000;

const batchResult = z.strictObject({
  version,
  target: text,
  batch: z.int().nonnegative(),
  /** A row an item of the request, on the one path of the batch. */
  outcomes,
  /** Of hosts that were asked. */
  logins: z.array(z.tuple([moref, loginEnd])).max(MAX_ITEMS),
  /** Hosts whose key was pinned at first contact, or may have been, where the answer of the table was lost. */
  pinned: z.array(moref).max(MAX_ITEMS),
  /** Hosts that failed before TCP was connected, so that they were told nothing. */
  unconnected: z.array(moref).max(MAX_ITEMS),
  /** Hosts that were read as connected, with their ssh service stopped. */
  sshStopped: z.array(moref).max(MAX_ITEMS),
  /** Items that came without their name, so that they are there: one that did not come may be gone. */
  nameless: z.array(moref).max(MAX_ITEMS).default([]),
  /** What the operator reads about an item that is not ok, or not in all. */
  details: z.array(z.tuple([moref, z.string().max(MAX_DETAIL_CHARACTERS)])).max(MAX_ITEMS),
  /** What rows found, without the labels that name the items; items by their places in `outcomes`. */
  families: columns,
  /** The points were dropped, because the result would have been over its bounds. */
  tooLarge: z.boolean(),
  collectors: z
    .array(
      z.strictObject({
        name: text,
        success: z.boolean(),
        durationMs: z.number().nonnegative(),
        /** Of own metrics: of how many items something could not be read or made. */
        missed: z
          .array(z.tuple([text, z.int().positive()]))
          .max(10_000)
          .exactOptional(),
      }),
    )
    .max(1_000),
  warnings: z
    .array(z.strictObject({ text: z.string().max(MAX_WARNING_CHARACTERS), count: z.int().positive() }))
    .max(MAX_WARNINGS),
  measurements: z.strictObject({
    vcenterCalls: z.int().nonnegative(),
    vcenterBytes: z.int().nonnegative(),
    /** Sessions of the worker that were left to their time-out. */
    failedLogouts: z.int().nonnegative(),
    durationMs: z.number().nonnegative(),
  }),
});
export type BatchResult = z.output<typeof batchResult>;

/** A result that says nothing; what a batch does not do it leaves so. */
export const EMPTY_RESULT: Omit<BatchResult, 'target' | 'batch'> = {
  version: BATCH_VERSION,
  outcomes: [],
  logins: [],
  pinned: [],
  unconnected: [],
  sshStopped: [],
  nameless: [],
  details: [],
  families: [],
  tooLarge: false,
  collectors: [],
  warnings: [],
  measurements: { vcenterCalls: 0, vcenterBytes: 0, failedLogouts: 0, durationMs: 0 },
};

/** Throws BatchError for one that no worker would take, before anybody has begun with it. */
export const encodeBatchRequest = (request: AnyRequest): Uint8Array =>
  pack(parse(request, anyRequest, REQUEST));
export const decodeBatchRequest = (bytes: Uint8Array): AnyRequest => unpack(bytes, anyRequest, REQUEST);
export const decodeBatchResult = (bytes: Uint8Array): BatchResult =>
  unpack(bytes, batchResult, { what: 'batch result', version: BATCH_VERSION });

const REQUEST = { what: 'batch request', version: BATCH_VERSION };

/**
 * Encodes a result of at most `maxBytes`. One that is larger loses its points and keeps the rest: of hosts that were asked
 * outcomes and logins, because nobody is logged in to twice. Items that were read are `failed(result-too-large)` then, and
 * the sweep reads them again in halves.
 */
export function encodeBatchResult(
  result: BatchResult,
  { does, maxBytes = MAX_RESULT_BYTES }: { does: AnyRequest['does']; maxBytes?: number },
): Uint8Array {
  const bytes = areTooMany(result.families) ? undefined : packWithin(printable(result));
  if (bytes !== undefined && bytes.length <= maxBytes) return bytes;
  const smaller = pack(
    printable({
      ...result,
      outcomes: result.outcomes.map(([item, outcome]) => [
        item,
        does === 'read' && outcome.kind === 'ok' ? failed('result-too-large') : outcome,
      ]),
      families: [],
      tooLarge: true,
    }),
  );
  if (smaller.length <= maxBytes) return smaller;
  throw new BatchError(
    `batch ${result.batch} of ${result.target}: even without its points the result has ${smaller.length} bytes, over ${maxBytes}`,
  );
}

const printable = (result: BatchResult) => ({
  ...result,
  warnings: result.warnings
    .slice(0, MAX_WARNINGS)
    .map(({ text, count }) => ({ text: text.slice(0, MAX_WARNING_CHARACTERS), count })),
  outcomes: result.outcomes.map(([item, outcome]) => [item, printOutcome(outcome)]),
});
