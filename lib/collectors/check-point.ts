import type { MetricRow, Point } from '../catalogue/row.ts';
import { MetricsError } from '../metrics/errors.ts';

/** A point that no exposition can carry would spoil the whole push. Throws MetricsError. */
export function checkPoint({ name: metric, labels }: MetricRow, point: Point): void {
  if (point.labels.length !== labels.length) {
    const message = `a point has ${point.labels.length} label values, its labels are ${labels.join(', ') || 'none'}`;
    throw new MetricsError('label-count', { metric, message });
  }
  if (!Number.isFinite(point.value)) {
    const message = `the value ${point.value} is no measurement; withhold the sample instead`;
    throw new MetricsError('not-finite', { metric, message });
  }
}
