import { describe, expect, it } from 'vitest';
import { VsphereFaultError } from '../../../lib/vsphere/errors.ts';
import { readLicenses } from '../../../lib/vsphere/license/licenses.ts';
import { answeringSession, object, property, refused } from './answering-session.ts';

const { signal } = new AbortController();
const ends = (time: string) =>
  `<properties><key>expirationDate</key><value xsi:type="xsd:dateTime">${time}</value></properties>`;
const license = (editionKey: string, costUnit: string, total: string, used: string, more = '') =>
  `<LicenseManagerLicenseInfo><licenseKey>SECRET</licenseKey><editionKey>${editionKey}</editionKey><name>n</name><total>${total}</total>${used === '' ? '' : `<used>${used}</used>`}<costUnit>${costUnit}</costUnit>${more}</LicenseManagerLicenseInfo>`;

function read({ licenses = '', evaluation = '', more = {} } = {}) {
  const { session, calls } = answeringSession(
    ({ body }) =>
      object(
        'licenseManager:licenseManager',
        body.includes('<pathSet>licenses</pathSet>')
          ? licenses.startsWith('<missingSet>')
            ? licenses
            : property('licenses', licenses, 'ArrayOfLicenseManagerLicenseInfo')
          : property('evaluation', evaluation, 'LicenseManagerEvaluationInfo'),
      ),
    more,
  );
  return { found: readLicenses(session, { signal }), calls };
}

describe('readLicenses', () => {
  it('adds up the licences of an edition and unit, and has the end of the first that ends', async () => {
    const { found } = read({
      licenses:
        license('esx', 'cpuPackage', '4', '2', ends('2027-01-01T00:00:00Z')) +
        license('esx', 'cpuPackage', '6', '', ends('2026-06-01T00:00:00Z')) +
        license('esx', 'core', '8', '1') +
        license(
          'vc',
          'server',
          '1',
          '1',
          '<properties><key>count_disabled</key><value>2027-01-01T00:00:00Z</value></properties>',
        ),
    });
    expect(await found).toEqual([
      { edition: 'esx', unit: 'cpuPackage', total: 10, used: 2, endsAt: Date.UTC(2026, 5, 1) },
      { edition: 'esx', unit: 'core', total: 8, used: 1, endsAt: undefined },
      { edition: 'vc', unit: 'server', total: 1, used: 1, endsAt: undefined },
    ]);
  });

  it('has no limit where one licence has none', async () => {
    const { found } = read({
      licenses: license('esx', 'cpuPackage', '4', '2') + license('esx', 'cpuPackage', '0', '3'),
    });
    expect(await found).toMatchObject([{ total: 0, used: 5 }]);
  });

  it('has the end of the evaluation, of that edition alone', async () => {
    const { found } = read({
      licenses: license('eval', 'server', '1', '1') + license('esx', 'cpuPackage', '4', '2', ends('x')),
      evaluation: ends('2026-03-01T00:00:00Z'),
    });
    expect(await found).toMatchObject([
      { edition: 'eval', endsAt: Date.UTC(2026, 2, 1) },
      { edition: 'esx', endsAt: undefined },
    ]);
  });

  it('asks nothing of a server without licences', async () => {
    const { found, calls } = read({ more: { licenseManager: undefined } });
    expect(await found).toEqual([]);
    expect(calls).toEqual([]);
  });

  it('reads 1,000 licences at most', async () => {
    const licenses = Array.from({ length: 1_001 }, (_, index) => license(`e${index}`, 'u', '1', '1'));
    expect(await read({ licenses: licenses.join('') }).found).toHaveLength(1_000);
  });

  it('names the privilege that the account lacks, and hands on every other fault', async () => {
    const fail = (fault: string) =>
      read({ licenses: refused('licenses', fault) }).found.catch((error: unknown) => error);
    const denied = await fail('NoPermission');
    expect(denied).toBeInstanceOf(VsphereFaultError);
    expect(denied).toMatchObject({
      message: 'licenses returned the fault NoPermission: it cannot be read',
      fields: new Map([['privilegeId', 'Global.Licenses']]),
    });
    expect(await fail('InvalidState')).toMatchObject({
      message: 'licenses of licenseManager:licenseManager returned the fault InvalidState: it cannot be read',
      fields: new Map(),
    });
  });
});
