import * as z from 'zod';

const FILTER_FORM = 'write a map such as { platform: vmware-esxi, status: active }';
const KEY = /^[A-Za-z][A-Za-z0-9_]{0,127}$/;
const VALUE_FORM =
  'write a text of 1 to 256 characters, a number, true or false, or a list of 1 to 100 of them';

/** What vsweep says itself in each request. */
const OWN = ['brief', 'exclude', 'fields', 'format', 'limit', 'offset', 'omit', 'ordering', 'start'];

const text = z.string().min(1, VALUE_FORM).max(256, VALUE_FORM);
const value = z.union([text, z.number(), z.boolean()], VALUE_FORM).transform((one) => String(one));
const values = z.union([value, z.array(value).min(1, VALUE_FORM).max(100, VALUE_FORM)], VALUE_FORM);

/**
 * NetBox's filters of devices by their names, each with its values. Without a `status` it asks for active devices
 * only: what is planned or staged there is not ready for use.
 */
export const netboxFilter = z
  .record(z.string(), values, FILTER_FORM)
  .superRefine((filter, context) => {
    for (const key of Object.keys(filter)) {
      const message = OWN.includes(key)
        ? 'is set by vsweep itself; leave it out'
        : "is no name of a filter; NetBox's REST API has them";
      if (!KEY.test(key) || OWN.includes(key)) context.addIssue({ code: 'custom', path: [key], message });
    }
  })
  .prefault({ platform: 'vmware-esxi', status: 'active' })
  .transform(
    (filter): Readonly<Record<string, readonly string[]>> => ({
      status: ['active'],
      ...Object.fromEntries(Object.entries(filter).map(([key, one]) => [key, [one].flat()])),
    }),
  );
