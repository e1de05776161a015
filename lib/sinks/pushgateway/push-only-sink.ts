import { EXPOSITION_CONTENT_TYPE, encodeExposition } from '../../metrics/encode-exposition.ts';
import { compress, createHttpLink, gather, type HttpLinkOptions } from '../http/http-link.ts';
import { whileLeased } from '../http/while-leased.ts';
import type { Sink } from '../sink.ts';
import { groupPath } from './group-path.ts';
import { PUSH_ONLY } from './push-only-words.ts';

export interface PushOnlyDeps {
  /** Reads the credential; called for each delivery, so that a rotated one is used. */
  open(options: { signal: AbortSignal }): Promise<Omit<HttpLinkOptions, 'clock' | 'log' | 'random'>>;
  readonly retry: Pick<HttpLinkOptions, 'clock' | 'log' | 'random'>;
  readonly gzip: boolean;
}

/**
 * Takes pushes at the paths of a Pushgateway and keeps no groups: series are added, with the times that they have, and end by
 * the staleness of the query. Such are VictoriaMetrics and vmagent
 * (https://docs.victoriametrics.com/victoriametrics/#how-to-import-data-in-prometheus-exposition-format). So nothing is
 * divided into parts, listed or deleted; a deletion there would be a push of nothing that is answered with success.
 */
export function createPushOnlySink({ open, retry, gzip }: PushOnlyDeps): Sink {
  return {
    name: 'pushgateway',
    async deliver({ group, families }, options) {
      const { signal } = options;
      const link = createHttpLink({ ...(await open({ signal })), ...retry }, PUSH_ONLY);
      const text = encodeExposition(families);
      const body = await (gzip ? compress : gather)(text, { signal });
      const encoding = gzip ? { 'content-encoding': 'gzip' } : {};
      const headers = { 'content-type': EXPOSITION_CONTENT_TYPE, ...encoding };
      const request = { method: 'POST', headers, body } as const;
      return await whileLeased(options, async (sending) => {
        await link.send(groupPath(group), request, sending);
        return 'delivered' as const;
      });
    },
    forget: async () => false,
  };
}
