import { quote } from '../../platform/quote.ts';
import { PushError } from '../http/errors.ts';
import type { PeerWords } from '../http/faults.ts';
import type { HttpLink } from '../http/http-link.ts';
import { type PartialSuccess, readExportResponse, readStatusMessage } from './export-response.ts';

/** https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes: after any other status nothing is sent again. */
const REPEATED: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** How messages call a receiver of OTLP. */
export const OTLP: PeerWords = {
  name: 'the OTLP receiver',
  short: 'the receiver',
  section: 'otlp',
  faultOf(status) {
    switch (status) {
      case 400:
      case 422:
        return { code: 'inconsistent', remedy: 'Nothing of this request is sent again.' };
      case 401:
      case 403:
        return {
          code: 'credentials',
          remedy:
            'Check otlp.credentials, otlp.token or otlp.headers; of CloudWatch, that whoever signs may do cloudwatch:PutMetricData, and the clock of this machine.',
        };
      case 404:
      case 405:
        return {
          code: 'not-found',
          remedy:
            'Check otlp.url, without /v1/metrics: of Prometheus 3 http://<host>:9090/api/v1/otlp, started with --web.enable-otlp-receiver, of a collector http://<host>:4318.',
        };
      case 415:
        return {
          code: 'inconsistent',
          remedy: 'Check that otlp.url is a receiver of OTLP over HTTP that takes protobuf.',
        };
      default:
        return undefined;
    }
  },
  mayRepeat: (status) => REPEATED.has(status),
  isSuccess: (response) => readExportResponse(response) !== undefined,
  textOf: (response) => readStatusMessage(response) ?? response.text,
};

/** One error for all that a delivery lost; `first` is the fault of the first request of which not all was taken. */
export function rejectedError(
  { base, withoutSecrets }: Pick<HttpLink, 'base' | 'withoutSecrets'>,
  { rejected, points, first }: { rejected: number; points: number; first: PartialSuccess | PushError },
): PushError {
  const others = rejected < points ? ' The others were taken.' : '';
  const lost = `${rejected} of ${points} samples were not taken.${others}`;
  // What it says begins with the request.
  if (first instanceof PushError)
    return new PushError(`${first.message} In all, ${lost}`, { code: 'rejected', cause: first });
  const said = quote(withoutSecrets(first.message));
  const why = said === '' ? 'It did not say why; see its log.' : `It said first: ${said}`;
  return new PushError(`POST ${base}/v1/metrics: ${lost} ${why}`, { code: 'rejected' });
}
