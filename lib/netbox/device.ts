import * as z from 'zod';
import { normalIp } from './ip-address.ts';

/** An active device, as far as hosts are matched with it. What NetBox leaves empty is absent. */
export interface Device {
  readonly id: number;
  readonly name?: string | undefined;
  /** The slug of its site. */
  readonly site?: string | undefined;
  /** `primary_ip4` and `primary_ip6` in their normal form. */
  readonly addresses: readonly string[];
}

/** The fields that a page is asked for. */
export const DEVICE_FIELDS = 'id,name,status,site,primary_ip4,primary_ip6';

const text = z.string().max(256);
const primaryIp = z.object({ address: text }).nullish();
const listed = z.object({
  id: z.int().positive(),
  name: text.nullish(),
  status: z.object({ value: text }).nullish(),
  site: z.object({ slug: text }).nullish(),
  primary_ip4: primaryIp,
  primary_ip6: primaryIp,
});

/** One page of devices; all but the id of each is checked by itself. */
export const devicePage = z.object({
  count: z.int().nonnegative(),
  next: z.string().max(65_536).nullable(),
  results: z.array(z.looseObject({ id: z.int().positive() })).max(100_000),
});

/** A device of a page, or what is wrong with it; one of another status than was asked for is not what it should be. */
export function parseDevice(
  result: { readonly id: number },
  statuses: readonly string[] | undefined,
): { device: Device } | { fault: string } {
  const { data, error } = listed.safeParse(result);
  if (data === undefined) {
    const [issue] = error.issues;
    return { fault: `device ${result.id}: ${issue?.path.join('.')}: ${issue?.message}` };
  }
  const status = data.status?.value;
  if (statuses !== undefined && (status === undefined || !statuses.includes(status))) {
    return { fault: `device ${data.id}: its status is ${status ?? 'unset'}, which was not requested` };
  }
  const addresses = [data.primary_ip4, data.primary_ip6].flatMap((ip) => {
    const address = ip && normalIp(ip.address);
    return address ? [address] : [];
  });
  return {
    device: {
      id: data.id,
      ...(data.name ? { name: data.name } : {}),
      ...(data.site?.slug ? { site: data.site.slug } : {}),
      addresses,
    },
  };
}

/** How the devices of an answer are kept. */
export const storedDevices = z
  .array(z.object({ id: z.int(), name: text.optional(), site: text.optional(), addresses: z.array(text) }))
  .max(200_000);
