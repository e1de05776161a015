import * as z from 'zod';
import { text, url } from './schema-parts.ts';

/** The section `otlp` of `vsweep.yaml`: a receiver of OTLP over HTTP by its url, or CloudWatch by a region. */

const REGION_FORM = 'write a region of AWS in lower case, such as eu-central-1, without a letter of a zone';
const HEADER_NAME = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/;
const HEADER_FORM = 'write a map of names of headers to texts, such as { X-Scope-OrgID: vsphere }';
const VALUE_FORM = 'write a text of printable ASCII, at most 1024 characters';
const MAX_HEADERS = 16;
/** Those that vsweep or Node sets; a second one would be another request. */
const TAKEN = new Set([
  'authorization',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'host',
  'transfer-encoding',
  'user-agent',
]);
const TAKEN_FORM = 'names a header that vsweep sets itself; leave it out (a credential goes into otlp.token)';
const headerName = z.string(HEADER_FORM).regex(HEADER_NAME, HEADER_FORM);

export const otlpShape = {
  url: url(/^https?$/, 'an http or https', 'https://prometheus.example.org/api/v1/otlp').optional(),
  region: z
    .string(REGION_FORM)
    .regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/, REGION_FORM)
    .optional(),
  tokenHeader: headerName
    .refine((header) => !TAKEN.has(header.toLowerCase()), 'is a header that vsweep sets itself; leave it out')
    .optional(),
  headers: z
    .record(headerName, text(1_024, 'a text').regex(/^[\x20-\x7e]+$/, VALUE_FORM), HEADER_FORM)
    .refine((headers) => !Object.keys(headers).some((header) => TAKEN.has(header.toLowerCase())), TAKEN_FORM)
    .refine((headers) => Object.keys(headers).length <= MAX_HEADERS, `name at most ${MAX_HEADERS} headers`)
    .default({}),
};

interface Written {
  readonly url?: string | undefined;
  readonly region?: string | undefined;
  readonly credentials?: unknown;
  readonly token?: unknown;
  readonly tokenHeader?: string | undefined;
}

/** Where requests go, without the path of the signal, which is added; exactly one way to prove who sends. */
export function receiverOf<Section extends Written>(
  section: Section,
  context: { addIssue(issue: { code: 'custom'; message: string; path?: string[] }): void },
): Section & { readonly url: string } {
  const refuse = (message: string, path: string[] = []) => {
    context.addIssue({ code: 'custom', message, path });
    return z.NEVER;
  };
  const { url: written, region, credentials, token, tokenHeader } = section;
  const ways = Object.entries({ region, credentials, token }).filter(([, way]) => way !== undefined);
  if (ways.length > 1) {
    const [first, second] = ways.map(([name]) => name);
    return refuse(`${first} and ${second} exclude each other; keep one of them`);
  }
  if (tokenHeader !== undefined && token === undefined) {
    return refuse('has no effect without otlp.token; add that, or leave it out', ['tokenHeader']);
  }
  if (region === undefined && written === undefined) {
    return refuse('write a url, or the region of CloudWatch');
  }
  const domain = region?.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const base = written ?? `https://monitoring.${region}.${domain}`;
  return { ...section, url: base.replace(/\/v1\/metrics\/?$/, '') };
}
