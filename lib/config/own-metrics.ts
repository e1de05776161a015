import * as z from 'zod';
import { DURATION, parseDurationMs } from './duration.ts';
import { seconds, section, text } from './schema-parts.ts';

/**
 * The shape of `metrics.own`, `metrics.only` and `metrics.series`. What a path or a counter is, and which fields go
 * together, is checked where the vSphere API is known (lib/collectors/own).
 */
const METRIC_NAME = /^[a-zA-Z_][a-zA-Z0-9_]{0,199}$/;
const METRIC_FORM = 'a name of at most 200 letters, digits and "_", not beginning with a digit';
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]{0,99}$/;
const FRACTION = /^-?\d{1,15}(?:\.\d{1,9})?\/(?!0+(?:\.0+)?$)\d{1,15}(?:\.\d{1,9})?$/;
const SCALE_FORM = 'write a number, or a fraction such as "1/20000", not divided by 0';

const path = text(1_024, 'the path of a property, such as linkSpeed.speedMb');
const ofType = (example: string) =>
  text(1_100, `the type of an object, a space and what is read: "${example}"`);
/** `-1` and `2000` are numbers in YAML. */
const argument = z.union(
  [text(1_024, 'an argument'), z.int().transform(String)],
  'write an argument, at most 1024 characters',
);
const pattern = text(4_096, 'a regular expression in the syntax of RE2');
const number = z.number('write a number');

const test = section(
  {
    equals: z
      .union([z.string(), z.number(), z.boolean()], 'write a text, a number, true or false')
      .optional(),
    matches: pattern.optional(),
    above: number.optional(),
    below: number.optional(),
  },
  'a map such as test: { equals: green }, with equals, matches, above or below',
);

const notDuration = (written: unknown) => `"${written}" is not a duration of 10s to 24h, such as 15m`;
const every = z
  .string('write a duration such as 15m')
  .regex(DURATION, { error: ({ input }) => notDuration(input) })
  .refine((written) => {
    const ms = parseDurationMs(written);
    return ms === undefined || (ms >= 10_000 && ms <= 86_400_000);
  }, 'write a duration of 10s to 24h, such as 15m');

/** One metric: exactly one of the first five says where it comes from. */
const ownMetric = section(
  {
    property: ofType('VirtualMachine runtime.consolidationNeeded').optional(),
    /** A series per element of an array, or per row of a command's list. */
    each: z
      .union(
        [ofType('HostSystem config.network.pnic'), z.literal(true)],
        'write a type and the path of an array',
      )
      .optional(),
    counter: ofType('VirtualMachine cpu.ready.summation').optional(),
    esxcli: text(1_024, 'the words of an esxcli command').optional(),
    ssh: z.array(argument, 'write a list of arguments, such as [readlink, -f, /bootbank]').max(32).optional(),
    value: z.union([path, z.literal(1)], 'write a path inside an element, or 1').optional(),
    labels: z
      .record(
        z.string().regex(LABEL_NAME, 'name a label with letters, digits and "_"'),
        path,
        'write a map such as labels: { nic: device }',
      )
      .optional(),
    states: z
      .array(text(256, 'a word'), 'write a list of words, such as [green, yellow, red]')
      .min(1, 'name at least one word')
      .max(64, 'name at most 64 words')
      .optional(),
    test: test.optional(),
    count: pattern.optional(),
    scale: z.union([number, z.string().regex(FRACTION, SCALE_FORM)], SCALE_FORM).optional(),
    divide: path.optional(),
    unset: number.optional(),
    instances: section(
      {
        label: z
          .string('write the name of a label')
          .regex(LABEL_NAME, 'name a label with letters, digits and "_"'),
        keep: text(256, 'a pattern such as "scsi*"').default('*'),
      },
      'a map such as instances: { label: disk, keep: "scsi*" }',
    ).optional(),
    interval: z.enum(['20s', '5m'], 'write 20s or 5m').optional(),
    every: every.optional(),
    timeout: seconds(13).optional(),
    max: z
      .int('write a number of elements')
      .min(1, 'use 1 to 10000')
      .max(10_000, 'use 1 to 10000')
      .optional(),
    /** A value that only grows, until what counts it begins anew. */
    type: z.enum(['gauge', 'counter'], 'write gauge or counter').optional(),
    help: text(500, 'what the metric says').optional(),
  },
  'a map with one of property, each, counter, esxcli and ssh',
);

export const own = z
  .record(z.string().regex(METRIC_NAME), ownMetric, {
    error: ({ code }) =>
      code === 'invalid_key'
        ? `is no name of a metric; write ${METRIC_FORM}`
        : 'write a map of metrics by their names',
  })
  .default({});

// Of a list that is too long the union tells its own message, and of one that is empty that of the list.
const MANY = 'write a text, or a list of 1 to 1000 texts';
const glob = text(1_024, 'a pattern such as prod-*');
const globs = z
  .union([glob, z.array(glob, MANY).min(1, MANY).max(1_000, MANY)], MANY)
  .transform((written) => [written].flat());
const TAG_FORM = 'write a tag as category=name, such as Monitoring=yes, or a list of 1 to 1000';
const tag = z
  .string(TAG_FORM)
  .max(1_024, TAG_FORM)
  .regex(/^[^=]+=.+$/, TAG_FORM);

/** Which objects own metrics are about: each key that is there has to fit. */
export const only = section(
  {
    folder: globs.optional(),
    cluster: globs.optional(),
    name: globs.optional(),
    tag: z
      .union([tag, z.array(tag, TAG_FORM).min(1, TAG_FORM).max(1_000, TAG_FORM)], TAG_FORM)
      .transform((written) => [written].flat())
      .optional(),
  },
  'a map such as only: { cluster: "prod-*" }, with folder, tag, cluster or name',
).optional();

export const series = z
  .int('write a number of series')
  .min(1, 'use 1 to 1000000')
  .max(1_000_000, 'use 1 to 1000000')
  .default(200_000);

export type OwnMetricConfig = z.output<typeof ownMetric>;
export type OnlyConfig = NonNullable<z.output<typeof only>>;

/** What a sweep has to know of the own metrics that it collects. */
export interface SweptOwn {
  readonly metrics: { readonly [name: string]: OwnMetricConfig };
  readonly only: OnlyConfig | undefined;
  /** Series of a run on one target. */
  readonly series: number;
  /** Whose labels name the objects: the first that is chosen. */
  readonly preset: 'vmware_exporter' | 'otel';
}

/** The shapes of one metric and of the whole, for who checks each field of each metric by itself. */
export { ownMetric };
