import * as z from 'zod';
import { cidrs, network } from './aws-network.ts';
import { taskBaseImage, taskSize } from './aws-task.ts';
import { STACK } from './deployed-names.ts';
import { parseDurationMs } from './duration.ts';
import { section, text, withoutTwins } from './schema-parts.ts';

/** The section `aws` of `vsweep.yaml`: what `cdk deploy` makes around the functions. One machine does not read it. */

const TIMEOUT_FORM = 'write a duration of 3s to 15m, such as 1m';
const functionSettings = section(
  {
    /** Processor time grows with it: one core at 1,769 MB. */
    memoryMb: z
      .int('write a number of MB')
      .min(256, 'use at least 256')
      .max(10_240, 'use at most 10240')
      .optional(),
    timeout: z
      .string(TIMEOUT_FORM)
      .transform((written, context) => {
        const ms = parseDurationMs(written);
        if (ms !== undefined && ms >= 3_000 && ms <= 900_000) return ms;
        context.addIssue({ code: 'custom', message: TIMEOUT_FORM });
        return z.NEVER;
      })
      .optional(),
    /** Of the account's concurrency; a new account has 10 in all, of which none can be reserved. */
    reservedConcurrency: z.int('write a number').min(1, 'use at least 1').max(10_000).optional(),
  },
  'a map such as { memoryMb: 1024, timeout: 1m }',
);

const functions = section(
  {
    sweep: functionSettings.optional(),
    'collect-batch': functionSettings.optional(),
    poll: functionSettings.optional(),
  },
  'a map such as functions: { collect-batch: { memoryMb: 1769 } }',
);

const poll = section(
  {
    functionUrl: z
      .boolean('write true or false')
      .default(false)
      .describe('Gives the poll function an HTTPS address, for callers whose requests AWS IAM has checked.'),
  },
  'a map such as poll: { functionUrl: true }',
);

const TOPIC_FORM = 'write the ARN of an SNS topic, such as arn:aws:sns:eu-central-1:111122223333:alarms';
const EMAIL_FORM = 'write an e-mail address';
const alarms = section(
  {
    /** A topic that is there already; else the stack makes one. */
    topicArn: z
      .string(TOPIC_FORM)
      .regex(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/, TOPIC_FORM)
      .optional(),
    /** Who is told by the topic that the stack makes; each has to confirm once. */
    emails: withoutTwins(z.array(z.email(EMAIL_FORM), 'write a list of e-mail addresses').max(20)).default(
      [],
    ),
    secretReads: z
      .boolean('write true or false')
      .default(false)
      .describe(
        'An alarm when others than vsweep read the secret of the hosts or the integrity secret. Needs a CloudTrail trail in the account.',
      ),
  },
  'a map such as alarms: { emails: [ops@example.org] }',
);

const IMAGE_FORM = 'write an image with a tag or digest, such as prom/pushgateway:v1.11.3';
const pushgateway = section(
  {
    deploy: z.boolean('write true or false'),
    image: text(512, 'an image')
      .regex(/^[\w./:@-]+(?::[\w.-]+|@sha256:[0-9a-f]{64})$/, IMAGE_FORM)
      .default('prom/pushgateway:v1.11.3'),
    /** Who may scrape it, beside the sweep function that pushes. */
    prometheusCidrs: cidrs.optional(),
  },
  'a map such as pushgateway: { deploy: true, prometheusCidrs: [10.0.5.0/24] }',
);

/** A function is called `<stack>-collect-batch`, of at most 64 characters. */
const STACK_FORM =
  'use letters, digits and "-", at most 50 of them, beginning with a letter, such as Vsweep-lab';
const stack = z
  .string(STACK_FORM)
  .regex(/^[A-Za-z][A-Za-z0-9-]{0,49}$/, STACK_FORM)
  .describe(
    'Name of the stack, and part of the names of its functions and metrics. Choose another for a second stack in an account.',
  )
  .default(STACK);

const TABLE_FORM = 'write the name of a table, of 3 to 255 letters, digits, ".", "_" and "-"';
const INTEGRITY_FORM =
  'write the whole ARN of the secret, such as arn:aws:secretsmanager:eu-central-1:111122223333:secret:Name-AbCdEf';
const stateTable = section(
  {
    name: z.string(TABLE_FORM).regex(/^[A-Za-z0-9_.-]{3,255}$/, TABLE_FORM),
    /** What the table holds was sealed with it: another one makes host lists and host keys unknown. */
    integritySecret: z
      .string(INTEGRITY_FORM)
      .regex(
        /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+-[A-Za-z0-9]{6}$/,
        INTEGRITY_FORM,
      ),
  },
  'a map such as stateTable: { name: <table>, integritySecret: <ARN> }',
);

const KMS_FORM = 'write the ARN of a key, such as arn:aws:kms:eu-central-1:111122223333:key/1234abcd-…';
const TAG_FORM = 'write a map of at most 40 texts, whose keys do not begin with "aws:"';
const tags = z
  .record(
    z.string().regex(/^(?!aws:)[\w .:/=+@-]{1,128}$/i, TAG_FORM),
    z.string(TAG_FORM).regex(/^[\w .:/=+@-]{0,256}$/, TAG_FORM),
    TAG_FORM,
  )
  .refine((written) => Object.keys(written).length <= 40, TAG_FORM)
  // IAM takes keys that differ in the size of letters for one: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
  .superRefine((written, context) => {
    const seen = new Map<string, string>();
    for (const key of Object.keys(written)) {
      const other = seen.get(key.toLowerCase());
      const message = `is the key ${other} in other letters, which IAM takes for the same; keep one of them`;
      if (other !== undefined) context.addIssue({ code: 'custom', path: [key], message });
      else seen.set(key.toLowerCase(), key);
    }
  });

export const aws = section(
  {
    stack,
    /** A table that is there already, with its integrity secret: of a stack that was deleted, or whose making failed. */
    stateTable: stateTable.optional(),
    tags: tags.default({}).describe('Tags of all resources of the stack that can have tags.'),
    kmsKeyArn: z
      .string(KMS_FORM)
      .regex(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/, KMS_FORM)
      .optional()
      .describe('Your own KMS key that encrypts your secrets.'),
    /** Without one the functions are in no VPC, and reach public addresses only. Required when a sweep uses ssh. */
    network: network.optional(),
    /** Lets a sweep use ssh without `network`: logins leave from any address of AWS, to any address. */
    allowPublicEgress: z.boolean('write true or false').default(false),
    tracing: z
      .boolean('write true or false')
      .default(false)
      .describe('Lambda traces runs, workers and polls with X-Ray.'),
    task: z
      .boolean('write true or false')
      .default(false)
      .describe('Runs the sweeps in one task on Fargate, in place of schedules and functions.'),
    taskSize: taskSize.optional(),
    taskBaseImage: taskBaseImage
      .optional()
      .describe('Image with Node 24 for arm64 that the image of the task is built on.'),
    functions: functions.prefault({}),
    poll: poll.prefault({}),
    /** One schedule a sweep, or one a sweep and target: then a slow target has a run of its own. */
    split: z.enum(['sweep', 'target'], 'write sweep or target').default('sweep'),
    /** Workers of one run at once, over all its targets. A new account has a concurrency of 10. */
    maxConcurrentBatches: z.int('write a number').min(1, 'use 1 to 900').max(900, 'use 1 to 900').default(50),
    /** Of one run: each worker has a session of its own. */
    maxSessionsPerTarget: z.int('write a number').min(1, 'use 1 to 100').max(100, 'use 1 to 100').default(8),
    /** Of one run, over all its targets. Fewer hosts than these the sweep function collects itself; 0: none. Else what its memory allows. */
    inlineBelowHosts: z
      .int('write a number of hosts')
      .min(0, 'use 0 to 5000')
      .max(5_000, 'use 0 to 5000')
      .optional(),
    alarms: alarms.prefault({}),
    pushgateway: pushgateway.optional(),
  },
  'a map such as aws: { network: … }',
);

export type AwsConfig = z.output<typeof aws>;
