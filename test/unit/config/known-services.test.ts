import { describe, expect, it } from 'vitest';
import { absentService, misspeltService } from '../../../lib/config/known-services.ts';
import { esxi } from '../../../lib/config/schema.ts';

const DEFAULTS = esxi.parse({ credentials: { env: 'A' }, hostKeys: {} }).services.map(String);

describe('a service of esxi.services', () => {
  it.each([...DEFAULTS, 'hostd-probe', 'TSM-SSH', 'smad', 'hp-ams', 'dellism'])(
    '%s is not taken for a misspelt one',
    (service) => {
      expect(misspeltService(service)).toBeUndefined();
    },
  );

  it.each([
    ['hosdt', 'hostd'],
    ['Hostd', 'hostd'],
    ['ntpdd', 'ntpd'],
    ['nsx-opsagnet', 'nsx-opsagent'],
    ['vmware-fmd', 'vmware-fdm'],
  ])('%s is told with %s, before a run and by a host without it', (service, near) => {
    expect(misspeltService(service)).toBe(
      `ESXi has no service ${service} that vsweep knows, and its metric is 0 on hosts without /etc/init.d/${service}. Did you mean ${near}?`,
    );
    expect(absentService(service)).toContain(`Did you mean ${near}?`);
  });

  it.each(DEFAULTS)('%s may be missing on a host, as one without NSX, and nothing is said', (service) => {
    expect(absentService(service)).toBeUndefined();
  });

  it('is told by a host without it also where it is near no other', () => {
    expect(absentService('backup-agent')).toBe(
      'the host has no /etc/init.d/backup-agent, and esxi_critical_service_status is 0 as if it were stopped. Leave it out of esxi.services, or correct its name.',
    );
  });
});
