import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../lib/config/errors.ts';
import { parseConfig } from '../../../lib/config/parse-config.ts';
import { exposuresOf, warningsOf } from '../../../lib/config/warnings.ts';

const collectors = { names: ['overall-status'], overSsh: [], overVcenter: ['overall-status'] };
const warned = (targets: string) =>
  warningsOf(
    parseConfig(
      `targets: [${targets}]\nsweeps: [{ name: s, every: 1m, targets: [vc01], collectors: [overall-status] }]`,
      { file: 'vsweep.yaml', collectors },
    ),
  );

describe('warnings of a configuration', () => {
  it('name two targets with one url, however it is written, and what to write instead', () => {
    expect(
      warned(
        '{ name: vc01, url: "https://vc.example.org", credentials: { env: A } }, { name: vc02, url: "https://vc.example.org/sdk", credentials: { env: A } }',
      ),
    ).toEqual([
      {
        path: 'targets[1].url',
        message: expect.stringMatching(
          /^asks https:\/\/vc\.example\.org\/sdk, as target "vc01" does, .*aliases: \[vc02\] at "vc01"$/,
        ),
      },
    ]);
  });

  it('are none for two servers, and for a target that nobody logs in to', () => {
    expect(
      warned('{ name: vc01, credentials: { env: A } }, { name: vc02, credentials: { env: A } }'),
    ).toEqual([]);
    expect(
      warned(
        '{ name: vc01, url: "https://vc/sdk", credentials: { env: A } }, { name: b, url: "https://vc/sdk", hosts: [{ name: h }] }',
      ),
    ).toEqual([]);
  });
});

describe('the url of a target', () => {
  const sdkOf = (path: string) =>
    warned(`{ name: vc01, url: "https://gw${path}", credentials: { env: A } }`).map(({ message }) => message);

  it.each([
    ['/ui', 'https://gw/sdk'],
    ['/ui/app', 'https://gw/sdk'],
    ['/vc01/ui/', 'https://gw/vc01/sdk'],
    ['/vc01/MOB', 'https://gw/vc01/sdk'],
    ['/sdk/other', 'https://gw/sdk'],
    ['/sdks', 'https://gw/sdk'],
  ])('is warned of where it ends in what no SDK answers at, with what to write: %s', (path, remedy) => {
    expect(sdkOf(path)).toEqual([`ends in ${path}, and vCenter and ESXi answer at /sdk. Write ${remedy}`]);
  });

  it.each(['', '/sdk', '/sdk/', '/SDK', '/vc01/sdk', '/sdk/vimService', '/sdk/vimService/'])(
    'is not warned of where an SDK may answer: "%s"',
    (path) => {
      expect(sdkOf(path)).toEqual([]);
    },
  );

  it('is not warned of where nobody logs in', () => {
    expect(
      warned(
        '{ name: vc01, credentials: { env: A } }, { name: b, url: "https://gw/ui", hosts: [{ name: h }] }',
      ),
    ).toEqual([]);
  });
});

const withSections = (sections: string) =>
  parseConfig(
    `targets: [{ name: vc01, credentials: { env: A } }]
sweeps: [{ name: s, every: 1m, collectors: [overall-status] }]
${sections}`,
    { file: 'vsweep.yaml', collectors },
  );

describe('warnings of urls', () => {
  it.each([
    [
      'remoteWrite: { url: "http://h:9090" }',
      'remoteWrite.url',
      /^has no path, .* http:\/\/h:9090\/api\/v1\/write /,
    ],
    ['remoteWrite: { url: "https://h/" }', 'remoteWrite.url', /https:\/\/h\/api\/v1\/push for Mimir$/],
    [
      'remoteWrite: { url: "http://h:9090/prom/api/v1/read" }',
      'remoteWrite.url',
      /Write http:\/\/h:9090\/prom\/api\/v1\/write$/,
    ],
    ['otlp: { url: "http://h:4317" }', 'otlp.url', /gRPC.* Write http:\/\/h:4318$/],
    [
      'otlp: { url: "http://h:9090/" }',
      'otlp.url',
      /port of Prometheus.* Write http:\/\/h:9090\/api\/v1\/otlp$/,
    ],
    ['otlp: { url: "http://h:8428" }', 'otlp.url', /VictoriaMetrics.* Write http:\/\/h:8428\/opentelemetry$/],
    ['otlp: { url: "http://h:9009" }', 'otlp.url', /port of Mimir.* Write http:\/\/h:9009\/otlp$/],
    ['otlp: { region: eu-centrall-1 }', 'otlp.region', /^vsweep knows no .*did you mean eu-central-1\?$/],
    [
      'remoteWrite: { workspaceArn: "arn:aws:aps:eu-west-11:111122223333:workspace/ws-0a1b2c3d" }',
      'remoteWrite.workspaceArn',
      /did you mean eu-west-1\?$/,
    ],
  ])('%s has one of %s: %s', (section, path, message) => {
    expect(warningsOf(withSections(section))).toEqual([{ path, message: expect.stringMatching(message) }]);
  });

  it.each([
    'remoteWrite: { url: "http://h:9090/api/v1/write" }',
    'remoteWrite: { url: "https://h/api/v1/push" }',
    'remoteWrite: { workspaceArn: "arn:aws:aps:eu-central-1:111122223333:workspace/ws-0a1b2c3d" }',
    'otlp: { url: "http://h:4318" }',
    'otlp: { url: "http://h:9008" }',
    'otlp: { url: "http://h:9009/otlp" }',
    'otlp: { url: "http://h:9090/api/v1/otlp" }',
    'otlp: { region: eu-central-1 }',
    'otlp: { region: cn-north-1 }',
  ])('are none for %s', (section) => {
    expect(warningsOf(withSections(section))).toEqual([]);
  });
});

describe('warnings of what others can read', () => {
  it.each([
    [
      'push: { url: "http://10.0.0.1:9091", credentials: { env: P } }',
      'push.url',
      /^the password is sent without TLS.*leave push\.credentials out$/,
    ],
    [
      'remoteWrite: { url: "http://10.0.0.1/api/v1/write", token: { env: T } }',
      'remoteWrite.url',
      /^the token is sent without TLS/,
    ],
    [
      'otlp: { url: "http://localhost.example.org:4318", credentials: { env: P } }',
      'otlp.url',
      /^the password/,
    ],
    ['netbox: { url: "http://netbox", token: { env: T }, filter: { site: x } }', 'netbox.url', /^the token/],
    [
      'exporter: { listen: "0.0.0.0:9666" }',
      'exporter.listen',
      /^whoever reaches this address reads \/metrics/,
    ],
    ['exporter: { listen: "[::]:9666" }', 'exporter.listen', /no password and no TLS/],
  ])('%s has one of %s: %s', (section, path, message) => {
    expect(exposuresOf(withSections(section))).toEqual([{ path, message: expect.stringMatching(message) }]);
  });

  it.each([
    'push: { url: "http://127.0.0.1:9091", credentials: { env: P } }',
    'push: { url: "http://[::1]:9091", credentials: { env: P } }',
    'push: { url: "http://localhost:9091", credentials: { env: P } }',
    'push: { url: "https://10.0.0.1", credentials: { env: P } }',
    'push: { url: "http://10.0.0.1:9091" }',
    'exporter: { listen: "127.0.0.1:9666" }',
    'exporter: { listen: "[::1]:9666" }',
    'exporter: { listen: "localhost:9666" }',
  ])('are none for %s', (section) => {
    expect(exposuresOf(withSections(section))).toEqual([]);
  });
});

describe('a url with the path that the sink adds', () => {
  const faultOf = (section: string) => {
    try {
      withSections(section);
    } catch (error) {
      if (error instanceof ConfigError) return error.issues;
    }
    return undefined;
  };

  it.each([
    ['push', 'https://gw/metrics', '/metrics'],
    ['push', 'https://gw/base/metrics/job/x/instance/y', '/metrics/job/x/instance/y'],
    ['push', 'https://gw/metrics/job@base64/eA', '/metrics/job@base64/eA'],
    ['victoriaMetrics', 'http://h:8428/api/v1/import/prometheus', '/api/v1/import/prometheus'],
    ['victoriaMetrics', 'http://h:8480/insert/0/prometheus/api/v1/import', '/api/v1/import'],
  ])('is refused, with what to leave out: %s: { url: %s }', (section, url, path) => {
    expect(faultOf(`${section}: { url: "${url}" }`)).toEqual([
      { path: `${section}.url`, message: `leave out ${path}: vsweep adds the path` },
    ]);
  });

  it.each([
    ['push', 'https://gw/my-metrics'],
    ['push', 'https://gw/metrics/prod'],
    ['push', 'http://h:8428/api/v1/import/prometheus'],
    ['victoriaMetrics', 'http://h:8480/insert/0/prometheus'],
  ])('is no other one: %s: { url: %s }', (section, url) => {
    expect(faultOf(`${section}: { url: "${url}" }`)).toBeUndefined();
  });

  it('is told as no url where it is none', () => {
    expect(faultOf('push: { url: metrics }')).toEqual([
      {
        path: 'push.url',
        message: expect.stringMatching(
          /^it does not begin with http:\/\/ or https:\/\/; write an http or https URL/,
        ),
      },
    ]);
  });
});

describe('a name that is an address', () => {
  const messageOf = (name: string) => {
    try {
      warned(`{ name: "${name}", credentials: { env: A } }`);
    } catch (error) {
      if (error instanceof ConfigError) return error.issues[0]?.message;
    }
    return undefined;
  };

  it.each(['fd00::1', 'fd00::a', '::ffff:10.0.0.1', 'https://vc01', 'vc01:443'])(
    'is refused as one for "url": %s',
    (name) => {
      expect(messageOf(name)).toMatch(/; an address like this goes into "url"$/);
    },
  );

  it.each(['vc 01', 'vc:one', 'fd00;1'])('is refused as a name alone: %s', (name) => {
    expect(messageOf(name)).toMatch(/beginning with a letter or digit$/);
  });
});
