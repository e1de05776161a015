import * as z from 'zod';
import { parseMessage } from './parse-message.ts';
import type { PollReply } from './reply.ts';

/** What a function answers to whoever called it by its URL. */
export interface UrlAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What came by a function URL: a request or a list of them, or the answer to what is neither. */
export type UrlCall = { readonly message: unknown } | { readonly refused: UrlAnswer };

/** A request is a few hundred bytes; this is for lists of them. */
const MAX_BODY_BYTES = 256 * 1024;

/**
 * AWS's payload format 2.0, as far as it is read. Lambda writes `authorizer.iam` when it has checked the signature of
 * the caller; a URL that somebody made without that (AuthType NONE) leaves it out.
 */
const urlEvent = z.object({
  version: z.literal('2.0'),
  requestContext: z.object({
    http: z.object({ method: z.string() }),
    authorizer: z.object({ iam: z.object({ userArn: z.string().min(1) }).nullish() }).nullish(),
  }),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/** Undefined when the event came by an invocation: then it is itself what is asked. */
export function readUrlEvent(event: unknown): UrlCall | undefined {
  const { data } = urlEvent.safeParse(event);
  if (data === undefined) return undefined;
  const { requestContext, body, isBase64Encoded } = data;
  if (!requestContext.authorizer?.iam) {
    return refuse(403, 'The request is not signed; give the function URL the AuthType AWS_IAM');
  }
  if (requestContext.http.method !== 'POST') {
    return refuse(405, 'Send the request as the body of a POST', { allow: 'POST' });
  }
  const bytes = Buffer.from(body ?? '', isBase64Encoded === true ? 'base64' : 'utf8');
  if (bytes.length > MAX_BODY_BYTES) {
    return refuse(413, `A body may have ${MAX_BODY_BYTES} bytes, and this one has ${bytes.length}`);
  }
  const message = parseMessage(bytes);
  return message === undefined ? refuse(400, 'Invalid message received') : { message };
}

/** 200 whatever the reply says: `success` tells how the poll ended, the status whether it was one. */
export function toUrlAnswer(reply: PollReply | readonly PollReply[]): UrlAnswer {
  return { statusCode: 200, headers: JSON_BODY, body: JSON.stringify(reply) };
}

/** A reply may hold what only the caller may read. */
const JSON_BODY = { 'content-type': 'application/json', 'cache-control': 'no-store' } as const;

function refuse(statusCode: number, msg: string, headers: Readonly<Record<string, string>> = {}): UrlCall {
  const body = JSON.stringify({ success: 1, msg } satisfies PollReply);
  return { refused: { statusCode, headers: { ...JSON_BODY, ...headers }, body } };
}
