import { describe, expect, it } from 'vitest';
import { overallStatus } from '../../../lib/collectors/overall-status.ts';
import { labelsOf, retrieved, withStatus } from './subjects.ts';

const none = { samples: [], warnings: [expect.stringContaining('overallStatus')] };

describe('overall-status', () => {
  it('gives the colour as a label and no warning for gray', () => {
    expect(overallStatus.collect(withStatus('esx01', 'gray'))).toEqual({
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

  it('warns of a denied property, with the fault, and gives no sample', () => {
    const object = retrieved({}, { overallStatus: 'NoPermission' });
    expect(overallStatus.collect({ labels: labelsOf('esx01'), object })).toEqual({
      samples: [],
      warnings: ['overallStatus could not be read: NoPermission'],
    });
  });

  it('warns of a property that did not come', () => {
    const said = { samples: [], warnings: ['overallStatus could not be read: vCenter sent no value'] };
    expect(overallStatus.collect({ labels: labelsOf('esx01'), object: retrieved({}) })).toEqual(said);
    expect(overallStatus.collect({ labels: labelsOf('esx01') })).toEqual(said);
  });

  it.each(['purple', '', 'constructor', 2, ['green']])(
    'warns of a value that vSphere does not know: %j',
    (value) => {
      expect(overallStatus.collect(withStatus('esx01', value))).toEqual(none);
    },
  );
});
