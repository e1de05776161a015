import { EXPOSITION_CONTENT_TYPE, encodeExposition } from '../../metrics/encode-exposition.ts';
import type { PeerWords } from '../http/faults.ts';
import { compress, createHttpLink, type HttpLinkOptions } from '../http/http-link.ts';
import { whileLeased } from '../http/while-leased.ts';
import type { Group, Sink } from '../sink.ts';

/** How messages call it. */
export const VICTORIA_METRICS: PeerWords = {
  name: 'VictoriaMetrics',
  short: 'VictoriaMetrics',
  section: 'victoriaMetrics',
  faultOf(status) {
    switch (status) {
      case 400:
      case 422:
        return { code: 'inconsistent', remedy: 'Its log names the line that it could not read.' };
      case 404:
      case 405:
        return {
          code: 'not-found',
          remedy:
            'Check victoriaMetrics.url: without /api/v1/import/prometheus; of a cluster, <vminsert>/insert/<accountID>/prometheus.',
        };
      default:
        return undefined;
    }
  },
  // Whatever the version, of a single node, a cluster and vmagent alike (app/vminsert/main.go and app/vmagent/main.go).
  isSuccess: ({ status, text }) => status === 204 && text === '',
};

export interface VictoriaMetricsDeps {
  /** Reads the credential; called for each delivery, so that a rotated one is used. */
  open(options: { signal: AbortSignal }): Promise<Omit<HttpLinkOptions, 'clock' | 'log' | 'random'>>;
  readonly retry: Pick<HttpLinkOptions, 'clock' | 'log' | 'random'>;
  /** How old a sample it is given at most. */
  readonly maxBackfillMs: number;
}

/** Of one request: some megabytes of text, of which compressed a few hundred kilobytes are left. */
const MAX_SAMPLES = 20_000;

/**
 * `POST /api/v1/import/prometheus`: text in Prometheus' format, with the times that samples have; those without get the time of
 * their arrival. `extra_label` adds the labels of the group
 * (https://docs.victoriametrics.com/victoriametrics/url-examples/#apiv1importprometheus). It replaces nothing: a series that is
 * not sent any more ends by the staleness of the query, after five minutes. So there is nothing to forget.
 */
export function createVictoriaMetricsSink({ open, retry, maxBackfillMs }: VictoriaMetricsDeps): Sink {
  const deliver: Sink['deliver'] = async ({ group, families }, options) => {
    const { signal } = options;
    const link = createHttpLink({ ...(await open({ signal })), ...retry }, VICTORIA_METRICS);
    const body = await compress(encodeExposition(families), { signal });
    const headers = { 'content-type': EXPOSITION_CONTENT_TYPE, 'content-encoding': 'gzip' };
    const request = { method: 'POST', headers, body } as const;
    return await whileLeased(options, async (sending) => {
      await link.send(importPath(group), request, sending);
      return 'delivered' as const;
    });
  };
  return {
    name: 'victoriametrics',
    deliver,
    timed: { maxAgeMs: maxBackfillMs, maxSamples: MAX_SAMPLES, append: deliver },
    forget: async () => false,
  };
}

export function importPath(group: Group): string {
  const labels = new URLSearchParams(
    Object.entries(group).map(([name, value]): [string, string] => [
      'extra_label',
      `${name}=${String(value).toWellFormed()}`,
    ]),
  );
  return `/api/v1/import/prometheus?${labels}`;
}
