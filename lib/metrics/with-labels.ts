import type { Family, Sample } from './family.ts';
import { mapped } from './list.ts';

/**
 * Families with further labels of one value each, for a destination that keeps groups apart by nothing else. A label that a
 * family has itself gets that value, as at a Pushgateway.
 */
export function withLabels(
  families: readonly Family[],
  labels: Readonly<Record<string, string>>,
): readonly Family[] {
  return families.map(({ definition, samples, ...family }) => {
    const added = Object.keys(labels).filter((name) => !definition.labels.includes(name));
    const names = [...added, ...definition.labels];
    const before = added.map((name) => labels[name] ?? '');
    const replaced = definition.labels.map((name) => labels[name]);
    const toValue = (value: string, index: number) => replaced[index] ?? value;
    const label = (sample: Sample): Sample => ({
      ...sample,
      labels: [...before, ...sample.labels.map(toValue)],
    });
    return { ...family, definition: { ...definition, labels: names }, samples: mapped(samples, label) };
  });
}
