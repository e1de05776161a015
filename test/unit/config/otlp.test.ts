import { describe, expect, it } from 'vitest';
import { sections } from '../../../lib/config/schema.ts';

const REGION_FORM = 'write a region of AWS in lower case, such as eu-central-1, without a letter of a zone';
const parsed = (section: object) => sections.otlp.parse(section);
const issues = (section: object) =>
  sections.otlp.safeParse(section).error?.issues.map(({ path, message }) => [path.join('.'), message]);

describe('the section otlp', () => {
  it.each([
    'http://127.0.0.1:9090/api/v1/otlp',
    'http://127.0.0.1:9090/api/v1/otlp/v1/metrics',
    'http://127.0.0.1:9090/api/v1/otlp/v1/metrics/',
  ])('takes the address of a receiver with or without the path of metrics: %s', (url) => {
    expect(parsed({ url })).toEqual({
      url: 'http://127.0.0.1:9090/api/v1/otlp',
      headers: {},
      maxBackfill: 3_000_000,
    });
  });

  it('finds CloudWatch by its region, in each partition, and by another address', () => {
    const addresses = ['eu-central-1', 'us-gov-west-1', 'cn-north-1'].map(
      (region) => parsed({ region })?.url,
    );
    expect(addresses).toEqual([
      'https://monitoring.eu-central-1.amazonaws.com',
      'https://monitoring.us-gov-west-1.amazonaws.com',
      'https://monitoring.cn-north-1.amazonaws.com.cn',
    ]);
    const url = 'https://vpce-1.monitoring.eu-central-1.vpce.amazonaws.com';
    expect(parsed({ region: 'eu-central-1', url })).toMatchObject({ url, region: 'eu-central-1' });
  });

  it.each([
    [{}, '', 'write a url, or the region of CloudWatch'],
    [{ region: 'Frankfurt' }, 'region', REGION_FORM],
    [{ region: 'eu-central-1.evil.example.org/' }, 'region', REGION_FORM],
    [
      { url: 'https://o', token: { env: 'A' }, credentials: { env: 'B' } },
      '',
      'credentials and token exclude each other; keep one of them',
    ],
    [
      { region: 'eu-central-1', token: { env: 'A' } },
      '',
      'region and token exclude each other; keep one of them',
    ],
    [
      { url: 'https://o', tokenHeader: 'api-key' },
      'tokenHeader',
      'has no effect without otlp.token; add that, or leave it out',
    ],
    [
      { url: 'https://o', token: { env: 'A' }, tokenHeader: 'Content-Type' },
      'tokenHeader',
      'is a header that vsweep sets itself; leave it out',
    ],
    [
      { url: 'https://o', headers: { Authorization: 'x' } },
      'headers',
      'names a header that vsweep sets itself; leave it out (a credential goes into otlp.token)',
    ],
    [
      { url: 'https://o', headers: { 'X-A': 'a\r\nHost: b' } },
      'headers.X-A',
      'write a text of printable ASCII, at most 1024 characters',
    ],
    [{ url: 'https://o', headers: { 'X A': 'a' } }, 'headers.X A', expect.stringContaining('X-Scope-OrgID')],
  ])('says of %j what to write', (section, path, message) => {
    expect(issues(section)).toEqual([[path, message]]);
  });
});
