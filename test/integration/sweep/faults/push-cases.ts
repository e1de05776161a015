import { type Answer, answer, hang } from '../../sinks/gateway.ts';
import type { FaultCase } from './fault-case.ts';

const LOST = { vcenter: 'ok', ssh: 'ok', pushed: 'nothing', exitCode: 1, remedy: 'nothing' } as const;
const by =
  (reply: Answer): FaultCase['make'] =>
  ({ answerPushes }) =>
    answerPushes(reply);

const unreadable = answer(400, 'text format parsing error in line 1');
const onlyPlain: Answer = (response, request) =>
  (request.headers['content-encoding'] === 'gzip' ? unreadable : answer(200))(response, request);

export const PUSH_CASES: readonly FaultCase[] = [
  {
    fault: 'down',
    ...LOST,
    message:
      'pushgateway: PUT …: no answer: connect ECONNREFUSED …. Check that the gateway runs, push.url and the network path to it.',
    make: ({ fleet }) => fleet.configure({ pushUrl: 'http://127.0.0.1:1' }),
  },
  {
    fault: '400: the series clash with another group',
    ...LOST,
    message:
      'pushgateway: PUT …: the Pushgateway answered 400 Bad Request: pushed metrics are invalid or inconsistent with existing metrics. Nothing of this request was stored. The gateway rejects series that clash with another group. …',
    make: by(answer(400, 'pushed metrics are invalid or inconsistent with existing metrics')),
  },
  {
    fault: '413',
    ...LOST,
    message:
      'pushgateway: PUT …: the Pushgateway answered 413 Payload Too Large. Raise the body limit of the proxy in front of the gateway.',
    make: by(answer(413)),
  },
  {
    fault: '503',
    ...LOST,
    message:
      'pushgateway: PUT …: the Pushgateway answered 503 Service Unavailable. Check the health and log of the gateway.',
    make: by(answer(503)),
  },
  {
    fault: '401',
    ...LOST,
    message: 'pushgateway: PUT …: the Pushgateway answered 401 Unauthorized. Check push.credentials.',
    make: by(answer(401)),
  },
  {
    fault: '200 with a web page, as of a login',
    ...LOST,
    message:
      'pushgateway: PUT …: answered 200 with a web page, so it was not the Pushgateway and nothing was stored. Check push.url, and any proxy or login page in front of it.',
    make: by(answer(200, '<html>Please log in</html>', { 'content-type': 'text/html' })),
  },
  {
    fault: '200 with a text, as of another service',
    ...LOST,
    message:
      'pushgateway: PUT …: answered 200: OK. The Pushgateway does not answer so, so something else did and nothing was stored. Check push.url, and any proxy in front of it.',
    make: by(answer(200, 'OK')),
  },
  {
    fault: 'slow: no answer by the end of the run',
    ...LOST,
    message:
      'pushgateway: not delivered before the end of the run. Check its load and the network on the way to it',
    async make({ fleet, answerPushes }) {
      await fleet.configure({ every: '30s' });
      answerPushes(hang);
    },
  },
  {
    fault: 'gzip is not understood',
    ...LOST,
    message:
      'pushgateway: PUT …: the Pushgateway answered 400 Bad Request: …. A gateway older than 1.5 does not read gzip: set push.gzip: false.',
    remedy: '`push.gzip: false`',
    make: by(onlyPlain),
    async after({ fleet, answerPushes }) {
      await fleet.configure({ gzip: false });
      answerPushes(onlyPlain);
    },
  },
];
