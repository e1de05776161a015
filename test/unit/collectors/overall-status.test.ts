import { describe, expect, it } from 'vitest';
import { OVERALL_STATUS } from '../../../lib/catalogue/host.ts';
import { collect, itemOf, retrieved, withStatus } from './subjects.ts';

const none = { samples: [], warnings: [expect.stringContaining('overallStatus')] };

describe('overall-status', () => {
  it('gives the colour as a label and no warning for gray', () => {
    expect(collect(OVERALL_STATUS, withStatus('esx01', 'gray'))).toEqual({
      samples: [
        {
          metric: 'esxi_overall_status_info',
          labels: ['vc-a-0.cc.qa-de-1.example.org', 'qa-de-1a', 'esx01', 'gray'],
          value: 1,
        },
      ],
      warnings: [],
    });
  });

  it('warns of a denied property by the privilege that it takes, and gives no sample', () => {
    const object = retrieved({}, { overallStatus: 'NoPermission' });
    expect(collect(OVERALL_STATUS, { item: itemOf('esx01'), object })).toEqual({
      samples: [],
      warnings: ['lacks System.Read'],
    });
  });

  it('warns of a property that did not come', () => {
    const said = { samples: [], warnings: ['overallStatus could not be read: vCenter sent no value'] };
    expect(collect(OVERALL_STATUS, { item: itemOf('esx01'), object: retrieved({}) })).toEqual(said);
  });

  it.each(['purple', '', 'constructor', 2, ['green']])(
    'warns of a value that vSphere does not know: %j',
    (value) => {
      expect(collect(OVERALL_STATUS, withStatus('esx01', value))).toEqual(none);
    },
  );
});
