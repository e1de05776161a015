import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STACK } from '../../../lib/config/deployed-names.ts';
import {
  metricsOfAlarms,
  metricsOfWidgets,
  type WatchedMetric,
} from '../../support/cloudwatch/watched-metrics.ts';
import { type DemoEstate, ESTATE_SWEEP, startDemoEstate } from '../../support/lambda/demo-estate.ts';
import { healthyHosts } from '../../support/lambda/demo-hosts.ts';
import { emittedMetrics } from '../../support/lambda/log-lines.ts';
import { type SynthesisedTemplate, synthesiseTemplate } from '../../support/peers/synthesised-template.ts';

const TARGET = 'vc01.example.org';

/**
 * What AWS's own services write, as their documentation has it:
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html,
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html,
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html.
 */
const OF_AWS: Readonly<Record<string, { names: readonly string[]; dimensions: readonly string[] }>> = {
  'AWS/Lambda': {
    names: ['ConcurrentExecutions', 'Duration', 'Errors', 'Throttles'],
    dimensions: ['FunctionName'],
  },
  'AWS/SQS': { names: ['NumberOfMessagesSent'], dimensions: ['QueueName'] },
  'AWS/DynamoDB': { names: ['ReadThrottleEvents', 'WriteThrottleEvents'], dimensions: ['TableName'] },
};

/** A metric is its namespace, its name and exactly these dimensions. */
const keyOf = ({ namespace, name, dimensions }: Omit<WatchedMetric, 'by'>) =>
  JSON.stringify([namespace, name, Object.entries(dimensions).sort()]);

describe('what alarms and dashboard watch', () => {
  let estate: DemoEstate;
  let emitted: Omit<WatchedMetric, 'by'>[];
  let template: SynthesisedTemplate['template'];
  beforeAll(async () => {
    estate = await startDemoEstate({ targets: { [TARGET]: healthyHosts(2, { network: 27 }) } });
    await estate.sweepNext();
    await estate.aws.sweep({ sweep: ESTATE_SWEEP, scheduledAt: '2026-11-22T01:10:00Z' });
    emitted = emittedMetrics(estate.aws.lambda.log());
    const aws = { allowPublicEgress: true, alarms: { emails: ['ops@example.org'] } };
    await using synthesised = await synthesiseTemplate({ ...estate.config, aws });
    template = synthesised.template;
  });
  afterAll(() => estate?.[Symbol.asyncDispose]());

  it('is printed by the bundled function by the same namespace, name and set of dimensions', () => {
    const watched = [...metricsOfAlarms(template), ...metricsOfWidgets(template)];
    const own = watched.filter(({ namespace }) => !namespace.startsWith('AWS/'));
    expect(new Set(own.map(({ by }) => by)).size).toBeGreaterThanOrEqual(9);

    const outcomes = ['ok', 'failed', 'skipped'];
    const keys = new Set(emitted.map(keyOf));
    const unknown = own.flatMap((one) => {
      // A search names no outcome: it has to find each.
      const each =
        'outcome' in one.dimensions && one.dimensions['outcome'] === undefined
          ? outcomes.map((outcome) => ({ ...one, dimensions: { ...one.dimensions, outcome } }))
          : [one];
      return each.filter((metric) => !keys.has(keyOf(metric)));
    });
    expect(unknown).toEqual([]);
  });

  it('is all that the function prints, which costs by the metric', () => {
    const watched = [...metricsOfAlarms(template), ...metricsOfWidgets(template)];
    const names = new Set(watched.map(({ namespace, name }) => `${namespace} ${name}`));
    expect(emitted.filter(({ namespace, name }) => !names.has(`${namespace} ${name}`))).toEqual([]);
    expect(new Set(emitted.map(({ namespace }) => namespace))).toEqual(new Set([`vsweep/${STACK}`]));
  });

  it('of other namespaces is what AWS documents', () => {
    const others = [...metricsOfAlarms(template), ...metricsOfWidgets(template)].filter(
      ({ namespace }) => !namespace.startsWith('vsweep/'),
    );
    for (const { by, namespace, name, dimensions } of others) {
      expect(OF_AWS[namespace]?.names, by).toContain(name);
      expect(Object.keys(dimensions), by).toEqual(OF_AWS[namespace]?.dimensions);
    }
  });
});
