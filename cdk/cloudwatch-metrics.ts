import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { RightsHolder } from './rights-holder.ts';

/** To send metrics to CloudWatch in one region, by its endpoint for OTLP, and to read nothing there. */
export function grantMetrics(region: string | undefined, writer: RightsHolder): void {
  if (region === undefined) return;
  writer.allowWithoutResource(
    new PolicyStatement({
      actions: ['cloudwatch:PutMetricData'],
      resources: ['*'],
      conditions: { StringEquals: { 'aws:RequestedRegion': region } },
    }),
    'cloudwatch:PutMetricData knows no resource; a condition limits it to one region.',
  );
}
