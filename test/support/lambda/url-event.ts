import { readFileSync } from 'node:fs';

const FILE = new URL('../../fixtures/lambda/function-url-event.json', import.meta.url);

/** The example of AWS's page "Invoking Lambda function URLs" (payload format 2.0), as it stands there. */
export const DOCUMENTED_URL_EVENT = JSON.parse(readFileSync(FILE, 'utf8')) as UrlEvent;

export interface UrlEvent {
  readonly version: '2.0';
  readonly requestContext: {
    readonly http: { readonly method: string };
    readonly authorizer?: { readonly iam: { readonly userArn: string } } | undefined;
  };
  readonly body?: string | undefined;
  readonly isBase64Encoded: boolean;
}

/** That event with what a test is about. */
export function urlEvent({
  method = 'POST',
  authorizer = DOCUMENTED_URL_EVENT.requestContext.authorizer,
  ...rest
}: Partial<Pick<UrlEvent, 'body' | 'isBase64Encoded'>> & {
  method?: string;
  authorizer?: UrlEvent['requestContext']['authorizer'] | null;
}): object {
  const { requestContext } = DOCUMENTED_URL_EVENT;
  const http = { ...requestContext.http, method };
  return { ...DOCUMENTED_URL_EVENT, requestContext: { ...requestContext, http, authorizer }, ...rest };
}
