import { describe, expect, it } from 'vitest';
import { endpointsOf, secretsOf } from '../../../lib/config/endpoints.ts';
import { configJsonSchema } from '../../../lib/config/json-schema.ts';
import { sections } from '../../../lib/config/schema.ts';

const tls = { sha256: [Array.from({ length: 32 }, () => 'AB').join(':')] };
const config = {
  targets: sections.targets.parse([
    { name: 'vc01', url: 'https://vc01.example.org/sdk', credentials: { secret: 'vsweep/vc01' }, tls },
    { name: 'vc02', url: 'https://vc02.example.org/sdk', credentials: { env: 'VC02' }, tls },
  ]),
  esxi: sections.esxi.parse({ credentials: { secret: 'vsweep/esxi' } }),
  netbox: sections.netbox.parse({ url: 'https://netbox.example.org', token: { secret: 'vsweep/netbox' } }),
  push: sections.push.parse({ url: 'https://push.example.org', credentials: { file: 'push.yaml' } }),
  victoriaMetrics: sections.victoriaMetrics.parse({
    url: 'https://vm.example.org',
    credentials: { secret: 'vsweep/vm' },
  }),
  remoteWrite: sections.remoteWrite.parse({
    url: 'https://mimir.example.org/api/v1/push',
    token: { secret: 'vsweep/mimir' },
  }),
  otlp: sections.otlp.parse({
    url: 'https://otlp.example.org',
    credentials: { secret: 'vsweep/otlp' },
  }),
};

describe('endpointsOf', () => {
  it('has every section of the schema that holds a url, a tls or a credential', () => {
    const { properties } = configJsonSchema() as { properties: Record<string, object> };
    const holding = Object.entries(properties).flatMap(([name, schema]) =>
      // The exporter is asked by others and connects to nobody.
      name !== 'exporter' && /"(?:url|tls|credentials|token)":/.test(JSON.stringify(schema)) ? [name] : [],
    );
    const known = endpointsOf(config).map(({ path }) => path.replace(/\[.*/, ''));
    expect([...new Set(known)].sort()).toEqual(holding.sort());
  });

  it('says who connects to each and who reads its credential: a worker has no password of a vCenter', () => {
    expect(endpointsOf(config).map(({ path, connects, reads }) => [path, connects, reads])).toEqual([
      ['targets[0]', ['sweep', 'collect-batch', 'poll'], ['sweep', 'poll']],
      ['targets[1]', ['sweep', 'collect-batch', 'poll'], ['sweep', 'poll']],
      ['esxi', ['sweep', 'collect-batch'], ['sweep', 'collect-batch']],
      ['netbox', ['sweep'], ['sweep']],
      ['push', ['sweep'], ['sweep']],
      ['victoriaMetrics', ['sweep'], ['sweep']],
      ['remoteWrite', ['sweep'], ['sweep']],
      ['otlp', ['sweep'], ['sweep']],
    ]);
  });

  it('has none of a section that is not there', () => {
    expect(endpointsOf({ targets: [], esxi: undefined, netbox: undefined, push: undefined })).toEqual([]);
  });
});

describe('secretsOf', () => {
  it('names the secrets of Secrets Manager, where each stands, and its readers', () => {
    expect(secretsOf(config)).toEqual([
      { path: 'targets[0].credentials.secret', secret: 'vsweep/vc01', reads: ['sweep', 'poll'] },
      { path: 'esxi.credentials.secret', secret: 'vsweep/esxi', reads: ['sweep', 'collect-batch'] },
      { path: 'netbox.token.secret', secret: 'vsweep/netbox', reads: ['sweep'] },
      { path: 'victoriaMetrics.credentials.secret', secret: 'vsweep/vm', reads: ['sweep'] },
      { path: 'remoteWrite.token.secret', secret: 'vsweep/mimir', reads: ['sweep'] },
      { path: 'otlp.credentials.secret', secret: 'vsweep/otlp', reads: ['sweep'] },
    ]);
  });
});
