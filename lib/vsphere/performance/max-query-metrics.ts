import { VsphereFaultError } from '../errors.ts';
import { toPropertyValue } from '../property/property-value.ts';
import type { RetrievalSession } from '../property/retrieval.ts';
import { fieldOf, textOf } from '../property/value-fields.ts';
import { callForValues } from '../soap/soap-reply.ts';
import { methodCall, textElement } from '../soap/soap-request.ts';

const SETTING = 'config.vpxd.stats.maxQueryMetrics';

/** Asked for at most, also where vCenter sets no limit: a larger answer only comes later and costs more to repeat. */
const CAP = 10_000;

/** vCenter's own default since 6.5, and before. */
const DEFAULT = 256;
const DEFAULT_TO_6_0 = 64;

/** How QueryOptions says that there is no such setting, and that the account may not read it. */
const UNREADABLE: ReadonlySet<string> = new Set(['InvalidName', 'NoPermission']);

/**
 * How many entities times metrics one query of historical statistics may ask for: vCenter's setting, or its default
 * where that is absent or unreadable. It protects vCenter's database; real-time statistics do not count.
 */
export async function readMaxQueryMetrics(
  { content, transport }: RetrievalSession,
  { signal }: { signal: AbortSignal },
): Promise<number> {
  const { setting, about } = content;
  if (setting === undefined) return toMaxQueryMetrics(undefined, about.version);
  try {
    const call = methodCall('QueryOptions', setting, textElement('name', SETTING));
    // vcsim answers every setting that begins with the name.
    const options = (await callForValues(transport, call, { signal })).map((one) => toPropertyValue(one));
    const option = options.find((one) => fieldOf(one, 'key') === SETTING);
    return toMaxQueryMetrics(textOf(fieldOf(option, 'value')), about.version);
  } catch (error) {
    if (error instanceof VsphereFaultError && UNREADABLE.has(error.fault)) {
      return toMaxQueryMetrics(undefined, about.version);
    }
    throw error;
  }
}

/** The setting is a text, and -1 is no limit. `version` is the endpoint's, as `8.0.3`. */
export function toMaxQueryMetrics(setting: string | undefined, version: string): number {
  const value = /^\s*-?\d{1,9}\s*$/.test(setting ?? '') ? Number(setting) : 0;
  if (value < 0) return CAP;
  if (value > 0) return Math.min(value, CAP);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < 6 || (major === 6 && minor === 0) ? DEFAULT_TO_6_0 : DEFAULT;
}
