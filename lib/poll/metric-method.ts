import type { MetricRow, Point } from '../catalogue/row.ts';
import { findKind } from '../inventory/kinds.ts';
import { nearestName } from '../platform/nearest-name.ts';
import { isAskedOfHost } from './ask-host.ts';
import { PollError } from './errors.ts';
import { requireObject } from './find-object.ts';
import type { PollMethod, PollRequest, PollSession } from './method.ts';
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
  async run(session, request, options) {
    if (request.properties.length === 0)
      throw new PollError('metric.get needs the names of metrics as its properties', { code: 'request' });
    const rows = request.properties.map((name) => requireMetric(session, name));
    const points = new Map<string, readonly Point[]>();
    for (const row of rows.filter((one) => !isAskedOfHost(one)))
      points.set(row.name, await readPoints(session, row, request, options));
    const asked = rows.filter(isAskedOfHost);
    const [first] = asked;
    // The last thing that is done: a session that has ended would have it done once more, with a login more.
    if (first !== undefined) {
      const moref = await requireMoref(session, first, request, options);
      const answers = await session.askHost({ moref: moref.value, rows: asked }, options);
      for (const [name, answer] of answers) points.set(name, answer);
    }
    return rows.flatMap((row) => (points.get(row.name) ?? []).map((point) => toResult(row, point, request)));
  },
};

type Options = Parameters<PollMethod['run']>[2];

async function readPoints(
  session: PollSession,
  row: MetricRow,
  request: PollRequest,
  options: Options,
): Promise<readonly Point[]> {
  const moref = await requireMoref(session, row, request, options);
  const found: Point[] = [];
  for await (const { points } of readMetric(
    session,
    row,
    [{ type: moref.type, moref: moref.value }],
    options,
  ))
    found.push(...points);
  return found;
}

async function requireMoref(session: PollSession, row: MetricRow, request: PollRequest, options: Options) {
  const { types } = findKind(row.kind);
  const subject = { type: types[0] ?? '', namedBy: 'name' } as const;
  return (await requireObject(session, request, { subject, paths: [] }, options)).moref;
}

const toResult = (row: MetricRow, { labels, value }: Point, { name = '' }: PollRequest): PollResult => ({
  ...Object.fromEntries(row.labels.map((label, index) => [label, labels[index] ?? ''])),
  name,
  [row.name]: value,
});

function requireMetric({ metrics }: PollSession, name: string): MetricRow {
  const row = metrics().get(name);
  if (row !== undefined) return row;
  const nearest = nearestName(name, metrics().keys());
  const hint = nearest === undefined ? '; vsweep metrics list has all' : `; did you mean ${nearest}?`;
  throw new PollError(`there is no metric ${name} that can be polled${hint}`, { code: 'request' });
}
