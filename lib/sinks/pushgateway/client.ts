import { EXPOSITION_CONTENT_TYPE } from '../../metrics/encode-exposition.ts';
import { PushError } from '../http/errors.ts';
import {
  compress,
  createHttpLink,
  gather,
  type HttpLinkOptions,
  type SendOptions,
} from '../http/http-link.ts';
import { type GatewayGroup, parseGatewayGroups } from './gateway-groups.ts';
import { groupPath, type PushGroup } from './group-path.ts';
import { pushgatewayWords } from './push-faults.ts';

/** `url` is the gateway's base: groups live below `<url>/metrics`. */
export interface PushgatewayOptions extends HttpLinkOptions {
  /** Pushgateway reads gzip since 1.5. */
  readonly gzip: boolean;
}

/** All reject with PushError, or with the signal's reason when that aborts. */
export interface Pushgateway {
  /** Replaces everything that the group holds, or nothing. `text` is exposition text 0.0.4 in chunks; none empties it. */
  put(group: PushGroup, text: Iterable<Uint8Array>, options: SendOptions): Promise<void>;
  /** Deletes the group; the gateway answers alike when there is none. */
  delete(group: PushGroup, options: { signal: AbortSignal }): Promise<void>;
  /** Every group of the gateway that has the labels job and instance and no others. */
  list(options: { signal: AbortSignal }): Promise<readonly GatewayGroup[]>;
}

/** The gateway's list holds all that was pushed to it, by everybody. */
const MAX_LIST_BYTES = 256 * 1024 * 1024;

/**
 * A client of one Pushgateway. Network faults, 5xx and 429 are tried again: calls say what the group shall be, or
 * read, so a repeated one does no harm. A 400 is never repeated. Throws PushError for a bad URL and TlsTrustError for
 * a malformed trust.
 */
export function createPushgateway(options: PushgatewayOptions): Pushgateway {
  const link = createHttpLink(options, pushgatewayWords(options));
  const type = { 'content-type': EXPOSITION_CONTENT_TYPE };
  return {
    async put(group, text, sending) {
      const path = groupPath(group);
      const request = options.gzip
        ? { headers: { ...type, 'content-encoding': 'gzip' }, body: await compress(text, sending) }
        : { headers: type, body: await gather(text, sending) };
      await link.send(path, { method: 'PUT', ...request }, sending);
    },
    async delete(group, { signal }) {
      await link.send(groupPath(group), { method: 'DELETE' }, { signal });
    },
    async list({ signal }) {
      const request = { method: 'GET', maxBodyBytes: MAX_LIST_BYTES } as const;
      const { text, bodyEnd } = await link.send('/api/v1/metrics', request, { signal });
      if (bodyEnd === 'whole') return parseGatewayGroups(text);
      throw new PushError(
        `GET ${link.base}/api/v1/metrics: the answer was cut off, or is longer than ${MAX_LIST_BYTES / 1024 ** 2} MB.`,
        { code: 'malformed' },
      );
    },
  };
}
