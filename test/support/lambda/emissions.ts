import { gunzipSync } from 'node:zlib';
import type { DemoEstate } from './demo-estate.ts';
import type { Invocation } from './lambda-service.ts';

/** Something that left the functions, or that AWS keeps of them. */
export interface Emission {
  readonly place: string;
  readonly text: string;
}

/**
 * Everything that a deployment emits and AWS or a peer may keep: what the functions print (logs, and with them the
 * metrics), what they answer or throw, what stands in Lambda's queues and destinations, the items of the table, what
 * is pushed, and what NetBox is asked. A request that carries a credential by its nature (the header of a push or of
 * NetBox, a synchronous call) is not among them: see `synchronousRequests`.
 */
export async function emissionsOf(
  { aws, gateway }: DemoEstate,
  netbox: { readonly seen: readonly { path: string; query: URLSearchParams }[] },
): Promise<Emission[]> {
  const invocations = aws.lambda.invocations();
  const answers = await Promise.all(invocations.map(({ answered }) => answered));
  const at = (place: string, texts: readonly string[]) => texts.map((text) => ({ place, text }));
  return [
    ...at('log', [aws.lambda.log()]),
    ...at(
      'answer',
      answers.map(({ payload }) => payload),
    ),
    ...at('queued event', invocations.filter(isQueued).map(toPayload)),
    ...at('destination', aws.lambda.failureRecords()),
    ...at('table', (await aws.dynamodb.items()).map(readable)),
    ...at(
      'push',
      gateway.seen.map(({ path, headers, text }) =>
        [path, JSON.stringify({ ...headers, authorization: undefined }), text].join('\n'),
      ),
    ),
    ...at(
      'NetBox query',
      netbox.seen.map(({ path, query }) => `${path}?${query}`),
    ),
  ];
}

/** The payloads that Lambda hands from the caller to the function and keeps nowhere. */
export const synchronousRequests = ({ aws }: DemoEstate, name: string): string[] =>
  aws.lambda
    .invocations(name)
    .filter((one) => !isQueued(one))
    .map(toPayload);

const isQueued = ({ type }: Invocation) => type === 'Event';
const toPayload = ({ payload }: Invocation) => payload;

/** Where one of the secrets stands in a text, in whatever disguise, as `<place>: <secret>`. */
export const findLeaks = (emissions: readonly Emission[], secrets: readonly string[]): string[] =>
  secrets.flatMap((secret) => {
    const forms = disguises(secret);
    return emissions
      .filter(({ text }) => forms.some((form) => text.includes(form)))
      .map(({ place }) => `${place}: ${secret}`);
  });

/** The ways in which a text could be written: as it is, in JSON, a URL, XML, hexadecimal or, as part of more, Base64. */
function disguises(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const inBase64 = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    // Whole characters of it alone: those at its borders depend on what stands before and behind.
    return encoded.slice(before === 0 ? 0 : before + 1, Math.floor(((before + bytes.length) * 8) / 6));
  });
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;'),
    bytes.toString('hex'),
    ...inBase64,
  ];
}

/** An item with its compressed parts as text. */
const readable = (item: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(item, (_key, value: unknown) => {
    if (value instanceof Set) return [...value];
    if (!isBytes(value)) return value;
    return gunzipSync(Buffer.from(value.data)).toString();
  });

/** How JSON.stringify hands over what is a Buffer. */
const isBytes = (value: unknown): value is { type: 'Buffer'; data: number[] } =>
  typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer';
