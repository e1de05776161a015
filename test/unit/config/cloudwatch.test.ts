import { expect, it } from 'vitest';
import { namespaceOf } from '../../../lib/config/cloudwatch.ts';

it('the metrics of a stack in CloudWatch are in a namespace of its own', () => {
  expect(namespaceOf('Vsweep-lab')).toBe('vsweep/Vsweep-lab');
});
