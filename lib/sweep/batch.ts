import { gunzipSync, gzipSync } from 'node:zlib';
import * as z from 'zod';
import { CARES, LOGIN_ENDS } from '../logins/asked-batch.ts';
import { MAX_DETAIL_CHARACTERS } from '../logins/rules/left-alone.ts';
import { BatchError } from './errors.ts';
import {
  failed,
  type Outcome,
  PATHS,
  parseOutcome,
  printOutcome,
  SKIPPED_REASONS,
  skipped,
} from './outcome.ts';

/**
 * The batch contract: what the sweep asks of a worker and what comes back, as bytes that are JSON (a Lambda payload
 * has to be), compressed inside it when large, checked on both sides. A changed shape takes a new version.
 */
export const BATCH_VERSION = 2;

/** A Lambda answer may have 6 MB; the rest is room for the envelope. */
export const MAX_RESULT_BYTES = 5_000_000;
const MAX_DECODED_BYTES = 200_000_000;
const COMPRESS_FROM_BYTES = 100_000;

/** Of a message about a payload, which may name a key of it. */
const MAX_FAULT_CHARACTERS = 200;

const MAX_TEXT_CHARACTERS = 4_096;
const text = z.string().max(MAX_TEXT_CHARACTERS);
const moref = z.string().min(1).max(256);
const version = z.literal(BATCH_VERSION);
const epochMs = z.number().nonnegative();
const label = z.string().max(65_536);

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
  /** It never accepted the one account of a domain, or may have refused it since. */
  doubtful: z.literal(true).exactOptional(),
  /** The account's history as it was read: an attempt is begun only while it is unchanged. */
  account: z.strictObject({
    refusals: z.int().min(0).max(1_000),
    openAttempt: z.strictObject({ version: text, at: epochMs }).exactOptional(),
    hostLimit: z.int().min(0).exactOptional(),
    unlockSeconds: z.int().min(0).exactOptional(),
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

const batchRequest = z.strictObject({
  version,
  runId: text,
  sweep: text,
  target: text,
  /** Its number in the run, from 0. */
  batch: z.int().nonnegative(),
  /** The worker is done by then; milliseconds since the epoch. */
  endsAt: epochMs,
  /**
   * How the worker gets at vCenter: by a single-use clone ticket, or not at all, because no property is needed or
   * because the target failed. The ticket travels in this synchronous request only and goes into no log. With `endsAt`
   * vCenter's part is over earlier than the batch, because others wait for what ssh finds out.
   */
  vcenter: z.union([
    z.strictObject({ ticket: text, endsAt: epochMs.exactOptional() }),
    z.enum(['not-needed', 'failed']),
  ]),
  /** The credential for ssh, fixed for the run; without one no host is asked. */
  credential: z
    .strictObject({ id: text, version: text, username: text, scope: z.enum(['host', 'domain']) })
    .optional(),
  /**
   * After a lost worker: hosts are asked one at a time, and each is marked while it is dialled. `slice`: some that were
   * asked together; `alone`: one at which a worker ended, whose mark stays until it answers.
   */
  care: z.enum(CARES).exactOptional(),
  /**
   * With the one account of a domain: one login at a time, over all processes, each by what stands of the account when
   * its turn has come.
   */
  inTurn: z.literal(true).exactOptional(),
  hosts: z.array(batchHost).max(5_000),
});
export type BatchRequest = z.output<typeof batchRequest>;

const outcome = z.string().transform((value, context): Outcome => {
  const parsed = parseOutcome(value);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: 'custom', message: 'not an outcome' });
  return z.NEVER;
});

/** How a login ended whose credential was sent. */
const loginEnd = z.enum(LOGIN_ENDS);

const batchResult = z.strictObject({
  version,
  target: text,
  batch: z.int().nonnegative(),
  /** One row a host of the request; `ssh` is null when the sweep does not ssh. */
  outcomes: z.array(z.tuple([moref, outcome, outcome.nullable()])).max(5_000),
  logins: z.array(z.tuple([moref, loginEnd])).max(5_000),
  /** Hosts whose key was pinned at first contact, or may have been, where the answer of the table was lost. */
  pinned: z.array(moref).max(5_000),
  /** What the operator reads about a host that is not ok. */
  details: z.array(z.tuple([moref, z.enum(PATHS), z.string().max(MAX_DETAIL_CHARACTERS)])).max(10_000),
  /** Label names once, then rows: the host's moref, the label values, the value. */
  families: z
    .array(
      z.strictObject({
        metric: text,
        labels: z.array(text).max(32),
        rows: z.array(z.tuple([moref, z.array(label).max(32), z.number()])).max(5_000_000),
      }),
    )
    .max(10_000),
  collectors: z
    .array(z.strictObject({ name: text, success: z.boolean(), durationMs: z.number().nonnegative() }))
    .max(1_000),
  warnings: z.array(z.strictObject({ text: z.string().max(2_000), count: z.int().positive() })).max(1_000),
  measurements: z.strictObject({
    vcenterCalls: z.int().nonnegative(),
    vcenterBytes: z.int().nonnegative(),
    /** Sessions of the worker that were left to their time-out. */
    failedLogouts: z.int().nonnegative(),
    durationMs: z.number().nonnegative(),
  }),
});
export type BatchResult = z.output<typeof batchResult>;
export type BatchFamily = BatchResult['families'][number];

/** Throws BatchError for one that no worker would take, before anybody has begun with it. */
export const encodeBatchRequest = (request: BatchRequest): Uint8Array =>
  pack(parse(request, batchRequest, 'batch request'));
export const decodeBatchRequest = (bytes: Uint8Array): BatchRequest =>
  unpack(bytes, batchRequest, 'batch request');
export const decodeBatchResult = (bytes: Uint8Array): BatchResult =>
  unpack(bytes, batchResult, 'batch result');

/**
 * Encodes a result of at most `maxBytes`. One that is larger keeps every outcome and what came by ssh (nobody is
 * logged in to twice) and loses what came from vCenter: `fromVcenter` says which metrics those are, and hosts that
 * were ok on that path become failed(result-too-large).
 */
export function encodeBatchResult(
  result: BatchResult,
  options: { fromVcenter: (metric: string) => boolean; maxBytes?: number },
): Uint8Array {
  const { fromVcenter, maxBytes = MAX_RESULT_BYTES } = options;
  const bytes = pack(printable(result));
  if (bytes.length <= maxBytes) return bytes;
  const smaller = pack(
    printable({
      ...result,
      outcomes: result.outcomes.map(([host, vcenter, ssh]) => [
        host,
        vcenter.kind === 'ok' ? { kind: 'failed', reason: 'result-too-large' } : vcenter,
        ssh,
      ]),
      families: result.families.filter(({ metric }) => !fromVcenter(metric)),
    }),
  );
  if (smaller.length <= maxBytes) return smaller;
  throw new BatchError(
    `batch ${result.batch} of ${result.target}: even without vCenter's samples the result has ${smaller.length} ` +
      `bytes, over ${maxBytes}; ask for fewer services`,
  );
}

function printable(result: BatchResult) {
  return {
    ...result,
    outcomes: result.outcomes.map(([host, vcenter, ssh]) => [
      host,
      printOutcome(vcenter),
      ssh === null ? null : printOutcome(ssh),
    ]),
  };
}

function pack(value: unknown): Uint8Array {
  const plain = Buffer.from(JSON.stringify(value));
  if (plain.length < COMPRESS_FROM_BYTES) return plain;
  return Buffer.from(JSON.stringify({ gzip: gzipSync(plain, { level: 4 }).toString('base64') }));
}

function unpack<T>(bytes: Uint8Array, schema: z.ZodType<T>, what: string): T {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString());
    const compressed = z.strictObject({ gzip: z.base64() }).safeParse(value);
    if (compressed.success) {
      const plain = gunzipSync(Buffer.from(compressed.data.gzip, 'base64'), {
        maxOutputLength: MAX_DECODED_BYTES,
      });
      value = JSON.parse(plain.toString());
    }
  } catch {
    // JSON.parse and zlib quote their input in messages, and a request holds a ticket: neither message nor cause.
    throw new BatchError(`${what}: ${bytes.length} bytes that are not JSON of the contract`);
  }
  return parse(value, schema, what);
}

function parse<T>(value: unknown, schema: z.ZodType<T>, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const fault = `${issue?.path.join('.')}: ${issue?.message}`;
  throw new BatchError(`${what}: not of version ${BATCH_VERSION}: ${fault.slice(0, MAX_FAULT_CHARACTERS)}`);
}
