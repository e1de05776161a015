import { type Config, sections } from '../../../lib/config/schema.ts';

export const PL = 'pl-0123456789abcdef0';
export const S3 = 'pl-0123456789abcdef1';
export const EXISTING = {
  vpcId: 'vpc-0123456789abcdef0',
  subnets: ['subnet-0123456789abcdef0'],
  egressCidrs: ['10.0.0.0/8'],
};
export const ECR = '111122223333.dkr.ecr.eu-central-1.amazonaws.com/pushgateway:v1.11.3';
export const target = (name: string, url = `https://${name}/sdk`) => ({
  name,
  url,
  credentials: { secret: name },
});
export const sweep = (name: string, collectors: readonly string[]) => ({ name, every: '1m', collectors });

/** The sections of a configuration, each by its schema. */
export function configOf({ aws = {}, ...raw }: { aws?: object; [section: string]: unknown } = {}) {
  const all = { targets: [target('vc01')], sweeps: [sweep('services', ['ssh-services'])], ...raw, aws };
  const parsed = Object.entries(sections).map(([name, schema]) => [
    name,
    schema.parse(all[name as keyof typeof all]),
  ]);
  return Object.fromEntries(parsed) as Config;
}
