import * as z from 'zod';
import { parseDurationMs } from './duration.ts';

/**
 * The shape of `vsweep.yaml`, section by section, with its defaults. Rules that hold between values stand in
 * cross-checks.ts. Every message says what to write.
 */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/;
const FINGERPRINT = /^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/i;

const name = z
  .string('write a name')
  .regex(
    NAME,
    'use letters, digits, ".", "_" and "-", at most 253 of them, beginning with a letter or digit',
  );
const seconds = (max: number) =>
  z.number('write a number of seconds').min(0.1, 'use at least 0.1 s').max(max, `use at most ${max} s`);
const port = z.int('write a port number').min(1, 'use 1 to 65535').max(65_535, 'use 1 to 65535');
const url = (protocol: RegExp, example: string) => {
  const message = `write a URL without user and password, such as ${example}`;
  return z
    .url({ protocol, error: message })
    .refine((text) => !URL.canParse(text) || new URL(text).username === '', message);
};

const credentialsShape = <More extends z.ZodRawShape>(more: More, kinds: string) =>
  z.union(
    [
      z.strictObject({ secret: z.string().min(1).max(512), ...more }),
      z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,100}$/), ...more }),
      z.strictObject({ file: z.string().min(1).max(4096), ...more }),
    ],
    `write one of { secret: <name> }, { env: <PREFIX> } and { file: <path> }${kinds}`,
  );
const credentials = credentialsShape({}, '');

const tls = z.union(
  [
    z.strictObject({
      sha256: z
        .array(z.string().regex(FINGERPRINT, 'write 32 bytes in hexadecimal, such as "AB:CD:…"'))
        .min(1)
        .max(8),
    }),
    z.strictObject({ ca: z.string().min(1).max(4096) }),
  ],
  'write { sha256: ["AB:CD:…"] } with 32 bytes a fingerprint, or { ca: <path of a PEM file> }',
);

export const target = z
  .strictObject({
    name,
    url: url(/^https$/, 'https://vc01.example.org/sdk').optional(),
    site: z.string('write a text').max(256, 'use at most 256 characters').default(''),
    credentials,
    tls: tls.optional(),
  })
  .transform((value) => ({ ...value, url: value.url ?? `https://${value.name}/sdk` }));

const SERVICE = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
/** What esxi-exporter's production chart asks for. */
const DEFAULT_SERVICES = ['hostd', 'nsx-opsagent', 'nsx-proxy', 'nsxa', 'ntpd', 'vpxa', 'vvold'];
const ADDRESS = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?$/;

export const esxi = z.strictObject({
  /** `domain`: one account for all hosts, with one budget of refusals; `host`: each host has its own. */
  credentials: credentialsShape(
    { scope: z.enum(['host', 'domain'], 'write host or domain').default('host') },
    ', with scope: host or domain',
  ),
  address: z.enum(['name', 'management-ip'], 'write name or management-ip').default('name'),
  domain: name.optional(),
  port: port.default(22),
  overrides: z
    .record(z.string(), z.string().regex(ADDRESS, 'write "<address>" or "<address>:<port>"'))
    .default({}),
  services: z
    .array(z.string().regex(SERVICE, 'write the name of a script in /etc/init.d'))
    .min(1, 'name at least one service')
    .max(64, 'name at most 64 services')
    .default(DEFAULT_SERVICES),
  lockdown: z.enum(['skip', 'try'], 'write skip or try').default('skip'),
  maintenance: z.enum(['collect', 'skip'], 'write collect or skip').default('collect'),
  concurrency: z
    .int('write a number of connections')
    .min(1, 'use 1 to 900')
    .max(900, 'use 1 to 900')
    .default(250),
  timeouts: z
    .strictObject({
      connectSeconds: seconds(60).default(3),
      loginSeconds: seconds(120).default(15),
      commandSeconds: seconds(300).default(15),
    })
    .prefault({}),
});

export const sweep = z
  .strictObject({
    name,
    every: z.string('write a duration such as 1m').transform((text, context) => {
      const ms = parseDurationMs(text);
      if (ms !== undefined && ms >= 10_000 && ms <= 86_400_000) return ms;
      context.addIssue({ code: 'custom', message: `"${text}" is not a duration of 10s to 24h, such as 1m` });
      return z.NEVER;
    }),
    collectors: z
      .array(z.string())
      .min(1, 'name at least one collector')
      .max(64, 'name at most 64 collectors'),
    targets: z
      .array(z.string())
      .min(1, 'name at least one target, or leave "targets" out for all')
      .optional(),
    job: z
      .string('write a text')
      .min(1, 'write a job name')
      .max(256, 'use at most 256 characters')
      .optional(),
  })
  .transform(({ every, job, ...value }) => ({
    ...value,
    everyMs: every,
    job: job ?? `vsweep_${value.name}`,
  }));

export const push = z.strictObject({
  url: url(/^https?$/, 'https://pushgateway.example.org'),
  credentials: credentials.optional(),
  tls: tls.optional(),
  gzip: z.boolean('write true or false').default(true),
});

const LISTEN = /^(?:\[([0-9A-Fa-f:]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/;
export const exporter = z.strictObject({
  listen: z.string().transform((text, context) => {
    const [, ipv6, host, portText] = LISTEN.exec(text) ?? [];
    const listenHost = ipv6 ?? host;
    if (listenHost !== undefined && Number(portText) <= 65_535)
      return { host: listenHost, port: Number(portText) };
    context.addIssue({
      code: 'custom',
      message: `"${text}" is not "<address>:<port>", such as 127.0.0.1:9666`,
    });
    return z.NEVER;
  }),
});

export const blacklist = z.strictObject({
  minutes: z.number('write minutes').min(1, 'use at least 1').max(10_080, 'use at most 10080').default(20),
});

export const state = z.strictObject({ path: z.string('write a path').min(1).max(4096).optional() });

/** Section name -> its shape. A section that is not here is unknown. */
export const sections = {
  targets: z
    .array(target, 'list at least one vCenter or standalone ESXi host')
    .min(1, 'list at least one target')
    .max(1_000),
  esxi: esxi.optional(),
  sweeps: z.array(sweep, 'list at least one sweep').min(1, 'list at least one sweep').max(100),
  push: push.optional(),
  exporter: exporter.optional(),
  blacklist: blacklist.prefault({}),
  state: state.prefault({}),
};

export type TargetConfig = z.output<typeof target>;
export type EsxiConfig = z.output<typeof esxi>;
export type SweepConfig = z.output<typeof sweep>;
export type TlsConfig = z.output<typeof tls>;

/** The checked configuration. Durations are in milliseconds where the name says so. */
export type Config = { readonly [Section in keyof typeof sections]: z.output<(typeof sections)[Section]> };
