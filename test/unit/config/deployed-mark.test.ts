import { describe, expect, it } from 'vitest';
import { printBundledConfig } from '../../../lib/config/bundled-config.ts';
import { fingerprintOf, parseDescription, printDescription } from '../../../lib/config/deployed-mark.ts';

const CONFIG = { targets: [{ name: 'vc01' }], aws: { stack: 'Lab', maxConcurrentBatches: 5 } };
const bundle = (config: object, certificates = new Map<string, string>(), knownHosts?: string) =>
  fingerprintOf(printBundledConfig({ ...config }, { certificates, knownHosts }));

describe('the description of a deployed function', () => {
  it('says the version and the configuration, and is read again', () => {
    const mark = { version: '1.2.3-rc.1', configuration: bundle(CONFIG) };
    expect(parseDescription(printDescription('collect-batch', mark))).toEqual(mark);
  });

  it.each([undefined, '', 'vsweep sweep', 'vsweep sweep 1.0.0, configuration tooshort'])(
    'says nothing where somebody else wrote it: %s',
    (description) => expect(parseDescription(description)).toBeUndefined(),
  );
});

describe('the fingerprint of a configuration', () => {
  it('is another one where a function does something else: by settings, certificates and host keys', () => {
    const same = bundle(CONFIG);
    expect(bundle(structuredClone(CONFIG))).toBe(same);
    const others = [
      bundle({ ...CONFIG, targets: [] }),
      bundle({ ...CONFIG, aws: { ...CONFIG.aws, maxConcurrentBatches: 6 } }),
      bundle(CONFIG, new Map([['ca.pem', 'A']])),
      bundle(CONFIG, new Map(), 'host key'),
    ];
    expect(new Set([same, ...others]).size).toBe(5);
  });

  it('is the same whatever an app gives in place of the file, and whoever gets the alarms', () => {
    const given = { network: { vpcId: 'vpc-1' }, stateTable: {}, alarms: {}, kmsKeyArn: 'arn', tags: {} };
    expect(bundle({ ...CONFIG, aws: { ...CONFIG.aws, ...given } })).toBe(bundle(CONFIG));
  });

  it('is that of a configuration without a section aws, too', () => {
    expect(bundle({ targets: [] })).toMatch(/^[0-9a-f]{16}$/);
  });
});
