import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type AccountParts, answersOf } from './account-parts.ts';
import { toXml } from './to-xml.ts';

/**
 * The control planes of AWS that describe a stack, on this machine, as the models of SDK 3.1162.0 have them
 * (node_modules/@aws-sdk/client-*\/dist-es/schemas): CloudFormation by the query protocol, Lambda and Scheduler by
 * restJson1, the others by awsJson. What is asked, and with what, is remembered.
 */
export interface SimulatedAccount extends AsyncDisposable {
  readonly url: string;
  /** Changed by tests, whatever way. */
  readonly parts: AccountParts;
  /** Actions, by their IAM names, in the order in which they were called. */
  readonly asked: readonly string[];
  /** Actions that IAM denies. */
  readonly denied: Set<string>;
  /** Actions that fail, each with the name of its error. */
  readonly faults: Map<string, string>;
}

interface Call {
  readonly action: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly protocol: 'query' | 'json' | 'rest';
}

export async function startSimulatedAccount(parts: AccountParts): Promise<SimulatedAccount> {
  const asked: string[] = [];
  const denied = new Set<string>();
  const faults = new Map<string, string>();
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const call = readCall(request, await text(request));
    asked.push(call.action);
    if (!/^AWS4-HMAC-SHA256 /.test(request.headers.authorization ?? ''))
      return refuse(response, call, { name: 'MissingAuthenticationToken', message: 'it is not signed' });
    if (denied.has(call.action)) {
      const name = call.protocol === 'query' ? 'AccessDenied' : 'AccessDeniedException';
      const message = `User: arn:aws:iam::123456789012:user/ops is not authorized to perform: ${call.action}`;
      return refuse(response, call, { name, message });
    }
    const fault = faults.get(call.action);
    if (fault !== undefined) return refuse(response, call, { name: fault, message: 'of the test' });
    const answer = answersOf(parts)[call.action]?.(call.input);
    if (answer === undefined)
      return refuse(response, call, { name: 'UnknownOperationException', message: call.action });
    if ('error' in answer) return refuse(response, call, answer.error);
    const isXml = call.protocol === 'query';
    const operation = call.action.slice(call.action.indexOf(':') + 1);
    response.writeHead(200, { 'Content-Type': isXml ? 'text/xml' : 'application/json' });
    response.end(isXml ? toXml(operation, answer.result) : JSON.stringify(answer.result));
  };
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    parts,
    asked,
    denied,
    faults,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** By the prefix of `X-Amz-Target`, the service as IAM calls it. */
const TARGETS: Readonly<Record<string, string>> = {
  AmazonSQS: 'sqs',
  DynamoDB_20120810: 'dynamodb',
  GraniteServiceVersion20100801: 'cloudwatch',
  secretsmanager: 'secretsmanager',
};

const PATHS: readonly (readonly [path: RegExp, action: string])[] = [
  [/^\/2015-03-31\/functions\/([^/]+)\/configuration$/, 'lambda:GetFunctionConfiguration'],
  [/^\/2019-09-25\/functions\/([^/]+)\/event-invoke-config$/, 'lambda:GetFunctionEventInvokeConfig'],
  [/^\/2016-08-19\/account-settings\/?$/, 'lambda:GetAccountSettings'],
  [/^\/schedules\/([^/]+)$/, 'scheduler:GetSchedule'],
];

function readCall({ headers, url = '', method }: IncomingMessage, body: string): Call {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') {
    const [prefix = '', operation = ''] = target.split('.');
    return { action: `${TARGETS[prefix]}:${operation}`, input: JSON.parse(body), protocol: 'json' };
  }
  if (body.startsWith('Action=')) {
    const input = Object.fromEntries(new URLSearchParams(body));
    return { action: `cloudformation:${input['Action']}`, input, protocol: 'query' };
  }
  const { pathname } = new URL(url, 'http://127.0.0.1');
  for (const [pattern, action] of PATHS) {
    const [whole, name = ''] = pattern.exec(pathname) ?? [];
    if (whole !== undefined && method === 'GET')
      return { action, input: { name: decodeURIComponent(name) }, protocol: 'rest' };
  }
  throw new RangeError(`${method} ${url} is none of the simulated calls`);
}

function refuse(
  response: ServerResponse,
  { protocol }: Call,
  { name, message }: { name: string; message: string },
): void {
  if (protocol === 'query') {
    const error = `<Error><Type>Sender</Type><Code>${name}</Code><Message>${message}</Message></Error>`;
    const xml = `<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">${error}<RequestId>1</RequestId></ErrorResponse>`;
    response.writeHead(400, { 'Content-Type': 'text/xml' }).end(xml);
    return;
  }
  const status = name === 'ResourceNotFoundException' && protocol === 'rest' ? 404 : 400;
  response.writeHead(status, { 'Content-Type': 'application/json', 'x-amzn-ErrorType': name });
  response.end(JSON.stringify({ __type: name, message }));
}
