'use strict';

// What AWS has beside a Node function: fetches invocations, calls the handler, posts what came of it. It runs in a
// process that has this repository out of reach, so it is plain JavaScript and alone.
const http = require('node:http');
const { enableCompileCache, flushCompileCache } = require('node:module');
const path = require('node:path');
const { buffer } = require('node:stream/consumers');
const { inspect } = require('node:util');

const { AWS_LAMBDA_RUNTIME_API, LAMBDA_TASK_ROOT } = process.env;
/** Where Node keeps what it compiled for the next process of the function. */
const [, , compiled] = process.argv;

function call(method, name, body) {
  const { promise, resolve, reject } = Promise.withResolvers();
  const url = `http://${AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/${name}`;
  const request = http.request(url, { method, agent: false }, (response) => {
    buffer(response).then((bytes) => resolve({ headers: response.headers, body: bytes.toString() }), reject);
  });
  request.on('error', reject);
  request.end(body);
  return promise;
}

/** An error goes into the log whole, with its causes, and to the caller without them. */
function report(title, error) {
  process.stderr.write(`${title} ${inspect(error, { depth: 10 })}\n`);
  const { name: errorType, message: errorMessage, stack = '' } = error;
  return JSON.stringify({ errorType, errorMessage, trace: stack.split('\n') });
}

async function serve() {
  let handler;
  try {
    enableCompileCache(compiled);
    ({ handler } = require(path.join(LAMBDA_TASK_ROOT, 'index.js')));
    // It ends by being killed.
    flushCompileCache();
  } catch (error) {
    await call('POST', 'init/error', report('Init Error', error));
    process.exit(1);
  }
  for (;;) {
    const { headers, body } = await call('GET', 'invocation/next');
    const awsRequestId = headers['lambda-runtime-aws-request-id'];
    const endsAt = Number(headers['lambda-runtime-deadline-ms']);
    const clientContext = headers['lambda-runtime-client-context'];
    const context = {
      awsRequestId,
      getRemainingTimeInMillis: () => endsAt - Date.now(),
      ...(clientContext === undefined ? {} : { clientContext: JSON.parse(clientContext) }),
    };
    let answer;
    try {
      answer = ['response', JSON.stringify((await handler(JSON.parse(body), context)) ?? null)];
    } catch (error) {
      answer = ['error', report('Invoke Error', error)];
    }
    await call('POST', `invocation/${awsRequestId}/${answer[0]}`, answer[1]);
  }
}

// The Runtime API is gone, and with it everything that this process is for.
serve().catch(() => process.exit(1));
