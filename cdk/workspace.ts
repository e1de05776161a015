import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { BundledFunction } from './bundled-function.ts';

/** To write to one workspace of Amazon Managed Service for Prometheus, and to read nothing of it. */
export function grantWorkspace(arn: string | undefined, writer: BundledFunction): void {
  if (arn === undefined) return;
  writer.allow(new PolicyStatement({ actions: ['aps:RemoteWrite'], resources: [arn] }));
}
