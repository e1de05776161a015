import { describe, expect, it } from 'vitest';
import { functionNameOf, stackOf } from '../../../lib/config/deployed-names.ts';
import { toSdkUrl } from '../../../lib/config/sdk-url.ts';

describe('toSdkUrl', () => {
  it.each([
    ['https://vc01', 'https://vc01/sdk'],
    ['https://vc01:8443/', 'https://vc01:8443/sdk'],
    ['https://vc01/other', 'https://vc01/other'],
    ['https://vc01/?a=1', 'https://vc01/?a=1'],
    ['https://vc01/#a', 'https://vc01/#a'],
    ['no url', 'no url'],
  ])('makes of %s %s', (written, url) => {
    expect(toSdkUrl(written)).toBe(url);
  });
});

describe('the names of what is deployed', () => {
  it('are those of the stack and the function, which alarms, commands and policies go by', () => {
    expect(functionNameOf('Vsweep-lab', 'collect-batch')).toBe('Vsweep-lab-collect-batch');
    expect(stackOf({ aws: { stack: 'Vsweep-lab' } })).toBe('Vsweep-lab');
    expect(stackOf({})).toBe('Vsweep');
  });
});
