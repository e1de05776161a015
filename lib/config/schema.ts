import * as z from 'zod';
import { aws } from './aws.ts';
import { DURATION, parseDurationMs } from './duration.ts';
import { eventTypes } from './event-types.ts';
import { hostAddress } from './host-address.ts';
import { hostKeys } from './host-keys.ts';
import { netboxFilter } from './netbox-filter.ts';
import { otlpShape, receiverOf } from './otlp.ts';
import { only, own, type SweptOwn, series } from './own-metrics.ts';
import { admittedClients, allowedSecrets } from './polls.ts';
import { destinationOf, remoteWriteShape } from './remote-write.ts';
import { name, path, port, seconds, section, text, url, urlBefore } from './schema-parts.ts';
import { toSdkUrl } from './sdk-url.ts';
import { pins } from './tls-pins.ts';

/**
 * The shape of `vsweep.yaml`, section by section, with its defaults. Rules that hold between values stand in
 * cross-checks.ts. Every message says what to write.
 */
const TEXT_FORM = 'write a text; put a number, true or false in quotes';
const PREFIX = /^[A-Za-z_][A-Za-z0-9_]{0,100}$/;
const PREFIX_FORM =
  'write a prefix of letters, digits and "_", at most 101 of them, not beginning with a digit';
const CREDENTIAL_KINDS = ['secret', 'env', 'file'];
const credentialsShape = <More extends z.ZodRawShape>(more: More, kinds: string) => {
  const form = `one of { secret: <name> }, { env: <PREFIX> } and { file: <path> }${kinds}`;
  return z.union(
    [
      section({ secret: text(512, 'the name of a secret'), ...more }, form, CREDENTIAL_KINDS),
      section({ env: z.string(PREFIX_FORM).regex(PREFIX, PREFIX_FORM), ...more }, form, CREDENTIAL_KINDS),
      section({ file: path('the path of a file'), ...more }, form, CREDENTIAL_KINDS),
    ],
    `write ${form}; write the user and password into that file, variable or secret, not here`,
  );
};
const credentials = credentialsShape({}, '');

const TLS_KINDS = ['sha256', 'ca', 'insecure'];
const TLS_FORM =
  'one of { sha256: ["AB:CD:…"] } with 32 bytes per fingerprint, { ca: <path of a PEM file> } and { insecure: true }';
export const tls = z.union(
  [
    section({ sha256: pins }, TLS_FORM, TLS_KINDS),
    section({ ca: path('the path of a PEM file') }, TLS_FORM, TLS_KINDS),
    section({ insecure: z.literal(true, 'write true, or leave tls out') }, TLS_FORM, TLS_KINDS),
  ],
  `write ${TLS_FORM}`,
);

const listedHost = section(
  {
    name: text(253, 'the name of a host, as vCenter has it'),
    site: z.string(TEXT_FORM).max(256, 'use at most 256 characters').optional(),
  },
  '{ name: <host>, site: <site> }',
);

const target = section(
  {
    name,
    /** Other names by which a poll may ask it, such as that of its old vPoller agent. */
    aliases: z.array(name, 'write a list of names').max(32, 'name at most 32 aliases').default([]),
    url: url(/^https$/, 'an https', 'https://vc01.example.org/sdk').optional(),
    site: z.string(TEXT_FORM).max(256, 'use at most 256 characters').default(''),
    /** Without them nothing is logged in to, and `hosts` are the hosts of the target. */
    credentials: credentials.optional(),
    tls: tls.optional(),
    hosts: z
      .array(listedHost, 'write a list of hosts')
      .min(1, 'name at least one host, or leave "hosts" out')
      .max(100_000, 'name at most 100000 hosts')
      .optional(),
    endLeftoverSessions: z.boolean('write true or false').default(false),
  },
  '{ name: <vCenter>, credentials: … }',
).transform((value) => ({ ...value, url: toSdkUrl(value.url ?? `https://${value.name}`) }));

const SERVICE = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
const SERVICE_FORM = 'write the name of a script in /etc/init.d without its folder, such as hostd';
const serviceName = z.string(SERVICE_FORM).regex(SERVICE, SERVICE_FORM);
/** A script by its name, or with what must be known of it. */
const service = z.union(
  [
    serviceName,
    section(
      { name: serviceName, silentMeansRunning: z.boolean('write true or false').default(false) },
      'a name, or a map such as { name: smad, silentMeansRunning: true }',
    ),
  ],
  `${SERVICE_FORM}, or a map such as { name: smad, silentMeansRunning: true }`,
);
/** What esxi-exporter's production chart asks for. */
const DEFAULT_SERVICES = ['hostd', 'nsx-opsagent', 'nsx-proxy', 'nsxa', 'ntpd', 'vpxa', 'vvold'];

export const esxi = section(
  {
    /** `domain`: one account for all hosts, with one budget of refusals; `host`: each host has its own. */
    credentials: credentialsShape(
      { scope: z.enum(['host', 'domain'], 'write host or domain').default('host') },
      ', with scope: host or domain',
    ),
    address: z.enum(['name', 'management-ip'], 'write name or management-ip').default('name'),
    domain: name.optional(),
    port: port.default(22),
    overrides: z
      .record(z.string(), hostAddress, 'write a map such as { esx07: "10.0.0.7:2222" }')
      .default({}),
    services: z
      .array(service, 'write a list such as [hostd, vpxa]')
      .min(1, 'name at least one service')
      .max(64, 'name at most 64 services')
      .default(DEFAULT_SERVICES),
    hostKeys,
    lockdown: z.enum(['skip', 'try'], 'write skip or try').default('skip'),
    maintenance: z.enum(['collect', 'skip'], 'write collect or skip').default('collect'),
    concurrency: z
      .int('write a number of connections')
      .min(1, 'use 1 to 900')
      .max(900, 'use 1 to 900')
      .default(250),
    timeouts: section(
      {
        connectSeconds: seconds(60).default(3),
        loginSeconds: seconds(120).default(15),
        commandSeconds: seconds(300).default(15),
      },
      'a map such as { connectSeconds: 3 }',
    ).prefault({}),
  },
  'a map with credentials, such as esxi: { credentials: { file: credentials/esxi.yaml } }',
);

/** A duration in milliseconds, of `10s` to `limit`. */
const duration = (limit: string) => {
  const notDuration = (written: unknown) => `"${written}" is not a duration of 10s to ${limit}, such as 1m`;
  return z
    .string('write a duration such as 1m')
    .regex(DURATION, { error: ({ input }) => notDuration(input) })
    .transform((text, context) => {
      const ms = parseDurationMs(text);
      if (ms !== undefined && ms >= 10_000 && ms <= (parseDurationMs(limit) ?? 0)) return ms;
      context.addIssue({ code: 'custom', message: notDuration(text) });
      return z.NEVER;
    });
};

/** How old a sample a destination takes; vSphere keeps an hour of them. */
const maxBackfill = duration('1h');

const sweep = section(
  {
    name,
    every: duration('24h'),
    collectors: z
      .array(
        z.string('write the name of a collector'),
        'write a list of collectors, such as [overall-status]',
      )
      .min(1, 'name at least one collector')
      .max(64, 'name at most 64 collectors'),
    targets: z
      .array(z.string('write the name of a target'), 'write a list of names of targets')
      .min(1, 'name at least one target, or leave "targets" out for all')
      .optional(),
    job: z.string(TEXT_FORM).min(1, 'write a job name').max(256, 'use at most 256 characters').optional(),
    /** Of real-time counters: `all` of 20 s since the run before, for the sinks that take times. */
    samples: z.enum(['newest', 'all'], 'write newest or all').default('newest'),
  },
  '{ name: <name>, every: 1m, collectors: [<collector>] }',
).transform(({ every, job, ...value }) => ({
  ...value,
  everyMs: every,
  job: job ?? `vsweep_${value.name}`,
}));

export const push = section(
  {
    url: urlBefore(
      /\/metrics(?:\/job(?:@base64)?(?:\/.*)?|\/?)$/,
      /^https?$/,
      'an http or https',
      'https://pushgateway.example.org',
    ),
    credentials: credentials.optional(),
    tls: tls.optional(),
    gzip: z.boolean('write true or false').default(true),
    /** `push-only`: takes pushes as a Pushgateway does, but replaces, lists and deletes nothing, as VictoriaMetrics. */
    protocol: z.enum(['pushgateway', 'push-only'], 'write pushgateway or push-only').default('pushgateway'),
  },
  'a map such as push: { url: https://pushgateway.example.org }',
);

export const victoriaMetrics = section(
  {
    url: urlBefore(
      /\/api\/v1\/import(?:\/prometheus)?\/?$/,
      /^https?$/,
      'an http or https',
      'https://victoriametrics.example.org:8428',
    ),
    credentials: credentials.optional(),
    tls: tls.optional(),
    maxBackfill: maxBackfill.prefault('1h'),
  },
  'a map such as victoriaMetrics: { url: https://victoriametrics.example.org:8428 }',
);

export const remoteWrite = section(
  {
    ...remoteWriteShape,
    /** Prometheus and Mimir refuse what is an hour older than their newest sample. */
    maxBackfill: maxBackfill.prefault('50m'),
    credentials: credentials.optional(),
    token: credentials.optional(),
    tls: tls.optional(),
  },
  'a map such as remoteWrite: { url: https://mimir.example.org/api/v1/push }',
).transform(destinationOf);

export const otlp = section(
  {
    ...otlpShape,
    /** As a Prometheus that receives takes them. */
    maxBackfill: maxBackfill.prefault('50m'),
    credentials: credentials.optional(),
    token: credentials.optional(),
    tls: tls.optional(),
  },
  'a map such as otlp: { url: https://prometheus.example.org/api/v1/otlp }',
).transform(receiverOf);

export const polls = section(
  {
    allow: allowedSecrets,
    /** The keys of a gateway that others reach. */
    curve: section(
      { secretKey: credentials, clients: admittedClients },
      "a map such as curve: { secretKey: { file: credentials/gateway.key }, clients: ['<public key>'] }",
    ).optional(),
  },
  'a map such as polls: { allow: [config.extraConfig] }',
);

export const textfile = section(
  { path: path('the path of a folder') },
  'a map such as textfile: { path: /var/lib/node_exporter/textfile }',
);

export const stdout = section({}, 'an empty map: stdout: {}');

export const netbox = section(
  {
    url: urlBefore(
      /\/(?:api|dcim|login)(?:\/.*)?$/,
      /^https?$/,
      'an http or https',
      'https://netbox.example.org',
    ),
    token: credentials.optional(),
    tls: tls.optional(),
    filter: netboxFilter,
    cacheMinutes: z
      .number('write minutes')
      .min(1, 'use at least 1')
      .max(10_080, 'use at most 10080')
      .default(60),
    whenDown: z
      .enum(['use-stale', 'collect-all', 'collect-none'], 'write use-stale, collect-all or collect-none')
      .default('use-stale'),
  },
  'a map such as netbox: { url: https://netbox.example.org, token: { file: credentials/netbox.token } }',
);

/** Of /metrics and of the page, when nothing else is said: this machine alone reaches it. */
export const DEFAULT_LISTEN = { host: '127.0.0.1', port: 9666 };

const notListen = (written: unknown) => `"${written}" is not "<address>:<port>", such as 127.0.0.1:9666`;
const LISTEN = /^(?:\[([0-9A-Fa-f:]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/;
export const exporter = section(
  {
    listen: z
      .string('write "<address>:<port>", such as "127.0.0.1:9666"')
      .regex(LISTEN, { error: ({ input }) => notListen(input) })
      .default(`${DEFAULT_LISTEN.host}:${DEFAULT_LISTEN.port}`)
      .transform((text, context) => {
        const [, ipv6, host, portText] = LISTEN.exec(text) ?? [];
        const listenHost = ipv6 ?? host;
        if (listenHost !== undefined && Number(portText) <= 65_535)
          return { host: listenHost, port: Number(portText) };
        context.addIssue({ code: 'custom', message: notListen(text) });
        return z.NEVER;
      }),
    /** Of the page; `/metrics` and `/healthz` need none. */
    token: credentials.optional(),
  },
  'a map such as exporter: { listen: "127.0.0.1:9666" }',
);

export const blacklist = section(
  {
    minutes: z.number('write minutes').min(1, 'use at least 1').max(10_080, 'use at most 10080').default(20),
  },
  'a map such as blacklist: { minutes: 20 }',
);

export const state = section(
  { path: path('the path of a folder').optional() },
  'a map such as state: { path: state }',
);

const PRESET_FORM = 'write vmware_exporter, otel, or both as a list';
const preset = z.enum(['vmware_exporter', 'otel'], PRESET_FORM);

export const metrics = section(
  {
    legacyNames: z.boolean('write true or false').default(false),
    /** Under whose names metrics are pushed; a metric that both have is pushed twice, and read once. */
    preset: z
      .union(
        [
          preset,
          z
            .array(preset, PRESET_FORM)
            .min(1, PRESET_FORM)
            .max(2, PRESET_FORM)
            .refine((names) => new Set(names).size === names.length, 'name each preset once'),
        ],
        PRESET_FORM,
      )
      .default('vmware_exporter')
      .transform((names) => [names].flat()),
    /** `mixin`: as the dashboards of Grafana's vsphere-mixin ask; `receiver`: as OpenTelemetry's receiver names them today. */
    otelNames: z.enum(['mixin', 'receiver'], 'write mixin or receiver').default('mixin'),
    /** Whether series have a label with the managed object id, so that objects of one name keep a series each. */
    moid: z.boolean('write true or false').default(false),
    own,
    only,
    series,
  },
  'a map such as metrics: { preset: otel }',
);

export const events = section(
  { types: eventTypes },
  'a map such as events: { types: [esx.problem.net.vmnic.linkstate.down, VmFailoverFailed] }',
);

const TARGETS_FORM =
  'list at least one vCenter or standalone ESXi host, such as - { name: vc01.example.org, credentials: { file: credentials/vc01.yaml } }';
const SWEEPS_FORM =
  'list at least one sweep, such as - { name: status, every: 1m, collectors: [overall-status] }';

/** Section name -> its shape. A section that is not here is unknown. */
export const sections = {
  targets: z
    .array(target, TARGETS_FORM)
    .min(1, 'list at least one target')
    .max(1_000, 'list at most 1000 targets'),
  esxi: esxi.optional(),
  sweeps: z.array(sweep, SWEEPS_FORM).min(1, 'list at least one sweep').max(100, 'list at most 100 sweeps'),
  netbox: netbox.optional(),
  push: push.optional(),
  victoriaMetrics: victoriaMetrics.optional(),
  remoteWrite: remoteWrite.optional(),
  otlp: otlp.optional(),
  textfile: textfile.optional(),
  stdout: stdout.optional(),
  exporter: exporter.optional(),
  metrics: metrics.prefault({}),
  events: events.prefault({}),
  blacklist: blacklist.prefault({}),
  polls: polls.prefault({}),
  state: state.prefault({}),
  aws: aws.optional(),
};

export type TargetConfig = z.output<typeof target>;
export type EsxiConfig = z.output<typeof esxi>;
/** With what it collects of `metrics.own`, where that is anything. */
export type SweepConfig = z.output<typeof sweep> & { readonly own?: SweptOwn | undefined };
export type NetboxConfig = z.output<typeof netbox>;
export type TlsConfig = z.output<typeof tls>;

/** The checked configuration. Durations are in milliseconds where the name says so. */
type Sections = { readonly [Section in keyof typeof sections]: z.output<(typeof sections)[Section]> };
export type Config = Omit<Sections, 'sweeps'> & { readonly sweeps: SweepConfig[] };
