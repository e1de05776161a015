import { expect, it } from 'vitest';
import { printExposition } from '../../../lib/metrics/encode-exposition.ts';
import { withLabels } from '../../../lib/metrics/with-labels.ts';

it('puts labels before those of each family, and in the place of one that it has', () => {
  const families = [
    {
      definition: { name: 'a', help: 'a', labels: ['x'] },
      samples: [{ metric: 'a', labels: ['1'], value: 1, timeMs: 5 }],
    },
    { definition: { name: 'b', help: 'b', labels: [] }, samples: [{ metric: 'b', labels: [], value: 2 }] },
    {
      definition: { name: 'c', help: 'c', labels: ['x', 'job'] },
      samples: [{ metric: 'c', labels: ['1', 'own'], value: 3 }],
    },
  ];
  const text = printExposition(withLabels(families, { job: 'sweep', instance: 'vc "1"' }));
  expect(text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([
    String.raw`a{job="sweep",instance="vc \"1\"",x="1"} 1 5`,
    String.raw`b{job="sweep",instance="vc \"1\""} 2`,
    String.raw`c{instance="vc \"1\"",x="1",job="sweep"} 3`,
  ]);
});
