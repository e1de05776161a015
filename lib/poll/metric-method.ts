import type { MetricRow } from '../catalogue/row.ts';
import { findKind } from '../inventory/kinds.ts';
import { nearestName } from '../platform/nearest-name.ts';
import { PollError } from './errors.ts';
import { requireObject } from './find-object.ts';
import type { PollMethod, PollSession } from './method.ts';
import { readMetric } from './read-metric.ts';
import type { PollResult } from './reply.ts';

/**
 * `metric.get`: the values of metrics of one object as they are collected, those of a configuration and built-in ones. A
 * row a series, with the metric and its own labels for keys. vPoller has no such method.
 */
export const metricGet: PollMethod = {
  name: 'metric.get',
  summary: 'the values of metrics of one object, own and built-in ones, by their names',
  requiredKeys: ['name', 'properties'],
  successMessage: 'Successfully retrieved metrics',
  async run(session, request, { signal }) {
    if (request.properties.length === 0)
      throw new PollError('metric.get needs the names of metrics as its properties', { code: 'request' });
    const rows = request.properties.map((name) => requireMetric(session, name));
    const results: PollResult[] = [];
    for (const row of rows) {
      const { types } = findKind(row.kind);
      const subject = { type: types[0] ?? '', namedBy: 'name' } as const;
      const { moref } = await requireObject(session, request, { subject, paths: [] }, { signal });
      const items = [{ type: moref.type, moref: moref.value }];
      for await (const { points } of readMetric(session, row, items, { signal }))
        for (const { labels, value } of points)
          results.push({
            ...Object.fromEntries(row.labels.map((label, index) => [label, labels[index] ?? ''])),
            name: request.name ?? '',
            [row.name]: value,
          });
    }
    return results;
  },
};

function requireMetric({ metrics }: PollSession, name: string): MetricRow {
  const row = metrics().get(name);
  if (row !== undefined) return row;
  const nearest = nearestName(name, metrics().keys());
  const hint = nearest === undefined ? '; vsweep metrics list has all' : `; did you mean ${nearest}?`;
  throw new PollError(`there is no metric ${name} that can be polled${hint}`, { code: 'request' });
}
