import { deployedPushgatewayUrl } from './deployed-pushgateway.ts';
import { sections } from './schema.ts';

/** Who leaves `push` out and has a Pushgateway deployed pushes there. */
export function withDeployedPushgateway(
  raw: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const aws = sections.aws.safeParse(raw['aws']).data;
  if (aws?.pushgateway?.deploy !== true || raw['push'] !== undefined) return raw;
  return { ...raw, push: { url: deployedPushgatewayUrl(aws.stack) } };
}
