import type { ServerResponse } from 'node:http';
import type { Clock } from '../../platform/clock.ts';
import { answerEnvelope, DemoFault, faultBody } from './soap-answer.ts';

/**
 * How a vCenter can fail. With `operation`, only on that call.
 * `down`: connections are reset. `hang`: calls are accepted and never answered. `html`: a web page instead of SOAP.
 * `truncate`: the connection ends half-way through the answer. `cut-xml`: the answer ends well for HTTP, but the XML
 * is half. `soap-fault`: every call is answered with that fault. `expire-sessions`: all sessions end, once, before the
 * call is answered; `expire-afterwards`: once it is.
 * `echo`: that fault, in words that repeat the whole call and its cookie. `slow`: answers come that much later.
 * `status`: an answer of that status and those bytes, with headers that make it a redirect or whatever it is to be.
 */
export type DemoVcenterFault = (
  | {
      readonly kind:
        | 'down'
        | 'hang'
        | 'html'
        | 'truncate'
        | 'cut-xml'
        | 'expire-sessions'
        | 'expire-afterwards';
    }
  | { readonly kind: 'soap-fault' | 'echo'; readonly fault: string }
  | { readonly kind: 'slow'; readonly ms: number }
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
) & { readonly operation?: string };

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends the answer of a call the way that the fault wants it; `fault` is undefined when all is well. */
export async function sendAnswer(
  response: ServerResponse,
  fault: DemoVcenterFault | undefined,
  call: { answer: () => Answer; heard: () => string; clock: Clock; signal: AbortSignal },
): Promise<void> {
  const { answer, heard, clock, signal } = call;
  switch (fault?.kind) {
    case 'down':
      response.destroy();
      return;
    case 'hang':
      return;
    case 'html':
      send(response, htmlPage());
      return;
    case 'truncate':
      sendHalf(response, answer());
      return;
    case 'cut-xml':
      send(response, half(answer()));
      return;
    case 'soap-fault':
      send(response, faultAnswer(new DemoFault(fault.fault, 'The demo was told to fail.')));
      return;
    case 'echo':
      send(response, faultAnswer(new DemoFault(fault.fault, heard())));
      return;
    case 'status':
      send(response, { status: fault.status, headers: fault.headers ?? {}, body: fault.body ?? '' });
      return;
    case 'slow':
      await clock.sleep(fault.ms, { signal });
      break;
    case 'expire-sessions':
    case 'expire-afterwards':
    case undefined:
      break;
  }
  send(response, answer());
}

export function faultAnswer(fault: DemoFault): Answer {
  return { status: 500, headers: XML, body: answerEnvelope(faultBody(fault)) };
}

export const XML = { 'Content-Type': 'text/xml; charset=utf-8' };

export function htmlPage(): Answer {
  return {
    status: 503,
    headers: { 'Content-Type': 'text/html' },
    body: '<html><body>503 Service Unavailable (Failed to connect to endpoint)</body></html>',
  };
}

function half(answer: Answer): Answer {
  return { ...answer, body: answer.body.slice(0, answer.body.length / 2) };
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) }).end(body);
}

/** Announces the whole body, sends half of it, and goes away. */
function sendHalf(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, {
    ...answer.headers,
    'Content-Length': Buffer.byteLength(answer.body),
  });
  response.write(half(answer).body, () => response.destroy());
}
