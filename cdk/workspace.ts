import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { RightsHolder } from './rights-holder.ts';

/** To write to one workspace of Amazon Managed Service for Prometheus, and to read nothing of it. */
export function grantWorkspace(arn: string | undefined, writer: RightsHolder): void {
  if (arn === undefined) return;
  writer.allow(new PolicyStatement({ actions: ['aps:RemoteWrite'], resources: [arn] }));
}
