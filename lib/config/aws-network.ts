import * as z from 'zod';
import { AWS_SERVICES, type AwsServiceName } from './aws-services.ts';
import { canonicalAddress, canonicalRange } from './cidr.ts';
import { section, withoutTwins } from './schema-parts.ts';

/** `aws.network`: where the functions stand, whom they may talk to, and how they reach AWS. */

const CIDR_FORM = 'write a range of addresses such as 10.20.0.0/16';

/** As AWS writes it. A range that is written by another address than its first may be meant as that address alone. */
const cidr = z.string(CIDR_FORM).transform((written, context) => {
  const found = canonicalRange(written);
  if (found?.isFirst === true) return found.range;
  const [address = ''] = written.split('/');
  const alone = `${address}/${address.includes(':') ? 128 : 32}`;
  const message =
    found === undefined
      ? CIDR_FORM
      : `begins at another address; write ${found.range}, or ${alone} for that address alone`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});
/** AWS refuses a rule that a security group has already. */
export const cidrs = withoutTwins(
  z.array(cidr, `write a list: ${CIDR_FORM}`).min(1, CIDR_FORM).max(50, 'name at most 50 ranges'),
);

/** An id that AWS made, such as `subnet-0a1b2c3d`. */
const awsId = (prefix: string) => {
  const form = `write an id such as ${prefix}-0123456789abcdef0`;
  return z.string(form).regex(new RegExp(`^${prefix}-[0-9a-f]{8,17}$`), form);
};
const awsIds = (prefix: string, max: number) =>
  withoutTwins(
    z.array(awsId(prefix), `write a list of ids such as [${prefix}-0123456789abcdef0]`).min(1).max(max),
  );

const ZONE_FORM = 'write an availability zone by its name or id, such as eu-central-1a or euc1-az1';
const SUBNET_FORM =
  'an id such as subnet-0123456789abcdef0, or a map such as { id: subnet-0123456789abcdef0, zone: eu-central-1a }';
/** By its id, or with its zone, so that two of one zone are found before AWS does. */
const subnet = z
  .union(
    [
      awsId('subnet'),
      section(
        { id: awsId('subnet'), zone: z.string(ZONE_FORM).regex(/^[a-z][a-z0-9-]{3,31}$/, ZONE_FORM) },
        SUBNET_FORM,
      ),
    ],
    `write ${SUBNET_FORM}`,
  )
  .transform((written) => (typeof written === 'string' ? { id: written, zone: undefined } : written));

const ENDPOINTS_FORM =
  'write create, nat or existing, or a map of services with create, existing or none each, such as { lambda: existing }';
const choice = z.enum(['create', 'existing', 'none'], 'write create, existing or none');
const byService = Object.fromEntries(
  Object.keys(AWS_SERVICES).map((service) => [service, choice.optional()]),
) as Record<AwsServiceName, z.ZodOptional<typeof choice>>;
const endpoints = z.union([z.enum(['create', 'nat', 'existing']), section(byService, ENDPOINTS_FORM)], {
  // Of a map, what is wrong in it says more.
  error: ({ code, errors }) => {
    const [, inMap = []] = code === 'invalid_union' ? (errors as z.core.$ZodIssue[][]) : [];
    const [issue] = inMap.filter(({ code: kind }) => kind !== 'invalid_type');
    return issue === undefined ? ENDPOINTS_FORM : [...issue.path, issue.message].join(': ');
  },
});

const DNS_FORM = 'write an address such as 10.20.0.53';
const dnsServer = z.string(DNS_FORM).transform((written, context) => {
  const address = canonicalAddress(written);
  if (address !== undefined) return address;
  context.addIssue({ code: 'custom', message: DNS_FORM });
  return z.NEVER;
});
const VPC_FORM = 'write the id of a VPC (vpc-…), or new';
export const network = section(
  {
    /** `new` makes one; it still has to be connected to the network of the vCenters. */
    vpcId: z.string(VPC_FORM).regex(/^(?:new|vpc-[0-9a-f]{8,17})$/, VPC_FORM),
    /** Of a new VPC. */
    cidr: cidr.optional(),
    /** Of an existing VPC: where the functions stand. */
    subnets: withoutTwins(
      z.array(subnet, 'write a list of subnets').min(1).max(16),
      ({ id }) => id,
    ).optional(),
    /** Of those subnets, for gateway endpoints. */
    routeTables: awsIds('rtb', 16).optional(),
    /** The region's list of DynamoDB's addresses, which the security group lets out to. */
    dynamodbPrefixList: awsId('pl').optional(),
    /** The same of S3, from where a deployed Pushgateway has its image. */
    s3PrefixList: awsId('pl').optional(),
    /** Where vCenters, ESXi hosts and the Pushgateway are. Nothing else is let out to, but for the APIs of AWS. */
    egressCidrs: cidrs,
    /** How the APIs of AWS are reached: all in one way, or service by service. */
    endpoints: endpoints.default('create'),
    /** Where existing endpoints are, when it is not in `egressCidrs`. */
    endpointCidrs: cidrs.optional(),
    nat: z
      .boolean('write true or false')
      .optional()
      .describe('Whether the subnets have a route to a NAT gateway; a new VPC gets one.'),
    /** Of the VPC's DHCP options, when they are not AWS's own resolver. Those options take four. */
    dnsServers: withoutTwins(
      z
        .array(dnsServer, 'write a list of addresses')
        .min(1, DNS_FORM)
        .max(4, 'name at most 4 servers, as many as DHCP options take'),
    ).optional(),
    dualStack: z
      .boolean('write true or false')
      .default(false)
      .describe('Gives the functions IPv6 addresses beside IPv4 ones, in subnets that have both.'),
  },
  'a map such as network: { vpcId: vpc-…, subnets: [subnet-…], egressCidrs: [10.0.0.0/8] }',
);

export type NetworkConfig = z.output<typeof network>;
