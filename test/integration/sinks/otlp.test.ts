import { describe, expect, it } from 'vitest';
import type { Family } from '../../../lib/metrics/family.ts';
import type { Clock } from '../../../lib/platform/clock.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { isRefusal } from '../../../lib/sinks/http/errors.ts';
import { createSigV4 } from '../../../lib/sinks/http/sigv4.ts';
import { createOtlpSink, type OtlpDeps } from '../../../lib/sinks/otlp/otlp-sink.ts';
import { decodeExport, encodeResponse, encodeStatus, samplesOf } from '../../support/otlp/otlp-messages.ts';
import { type Answer, answer, type Gateway, hang, reset, startGateway } from './gateway.ts';

const PROTOBUF = { 'content-type': 'application/x-protobuf' };
const ok = answer(200, encodeResponse({}), PROTOBUF);
const partial = (rejected: number, message: string): Answer =>
  answer(200, encodeResponse({ rejected, message }), PROTOBUF);

const familyOf = (samples: number): Family => ({
  definition: { name: 'esxi_x', help: 'x', labels: ['hostsystem'] },
  samples: Array.from({ length: samples }, (_, index) => ({
    metric: 'esxi_x',
    labels: [`esx${index}`],
    value: index,
  })),
});
const seriesOf = (samples: number) => ({
  group: { job: 'vsweep_inventory', instance: 'vc01' },
  families: [familyOf(samples)],
  validUntil: 0,
});
const NOW = 1_767_225_600_000;
const running = { signal: new AbortController().signal, holdsLease: async () => true };

/** The clock of a sink: the limit of an attempt passes only where `isOver` says so, pauses between two pass at once. */
function fakeClock({ isOver = false } = {}): Clock & { pauses: number[] } {
  const pauses: number[] = [];
  return {
    pauses,
    now: () => NOW,
    monotonic: () => 0,
    async sleep(ms, { signal }) {
      if (ms === 15_000 && isOver) return;
      if (ms === 15_000) {
        await new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
        );
      }
      pauses.push(ms);
    },
  };
}

function connect(peer: Pick<Gateway, 'url'>, deps: Partial<OtlpDeps> = {}, more: object = {}) {
  const clock = fakeClock(more);
  const warnings: unknown[] = [];
  const log = { ...silentLog, warn: (...line: unknown[]) => void warnings.push(line) };
  const sink = createOtlpSink({
    open: async () => ({ url: `${peer.url}/api/v1/otlp` }),
    retry: { clock, log, random: () => 0.5 },
    maxBackfillMs: 3_000_000,
    ...deps,
  });
  return { sink, clock, warnings };
}

describe('the sink of OTLP', () => {
  it('posts protobuf with gzip, and gives all samples of a delivery one time', async () => {
    await using peer = await startGateway([ok]);
    expect(await connect(peer).sink.deliver(seriesOf(3), running)).toBe('delivered');
    expect(peer.seen).toMatchObject([
      {
        method: 'POST',
        path: '/api/v1/otlp/v1/metrics',
        headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' },
      },
    ]);
    const samples = peer.seen.flatMap(({ bytes }) => samplesOf(decodeExport(bytes)));
    expect(samples.map(({ labels, value, time }) => [labels['hostsystem'], value, time])).toEqual([
      ['esx0', 0, `${NOW}000000`],
      ['esx1', 1, `${NOW}000000`],
      ['esx2', 2, `${NOW}000000`],
    ]);
  });

  it('sends a run in requests of bounded size, over one connection, one behind the other', async () => {
    let open = 0;
    let most = 0;
    const ports = new Set<number | undefined>();
    const slow: Answer = (response, request) => {
      ports.add(request.socket.remotePort);
      open += 1;
      most = Math.max(most, open);
      setImmediate(() => {
        open -= 1;
        ok(response, request);
      });
    };
    await using peer = await startGateway([slow]);
    await connect(peer, { maxPoints: 10 }).sink.deliver(seriesOf(35), running);
    const sizes = peer.seen.map(({ bytes }) => samplesOf(decodeExport(bytes)).length);
    expect(sizes).toEqual([10, 10, 10, 5]);
    expect([most, ports.size]).toEqual([1, 1]);
  });

  it.each([
    [{ credentials: { username: 'u', password: 'p' } }, { authorization: 'Basic dTpw' }],
    [{ token: 'tops3cret' }, { authorization: 'Bearer tops3cret' }],
    [
      { token: 'tops3cret', tokenHeader: 'API-Key' },
      { 'api-key': 'tops3cret', authorization: undefined },
    ],
  ])('proves itself by %j, and sends the headers of the configuration', async (proof, expected) => {
    await using peer = await startGateway([ok]);
    const open = async () => ({ url: peer.url, ...proof });
    await connect(peer, { open, headers: { 'X-Scope-OrgID': 'lab' } }).sink.deliver(seriesOf(1), running);
    const { headers } = peer.seen[0] ?? {};
    expect({ ...headers, authorization: headers?.authorization }).toMatchObject({
      'x-scope-orgid': 'lab',
      ...expected,
    });
  });

  it('shows no header of the configuration and no token of a session that a receiver repeats', async () => {
    const told = ['x-api-key', 'authorization', 'x-amz-security-token'];
    const repeats: Answer = (response, request) => {
      const text = told.map((name) => String(request.headers[name]).replace(/.*(?:Bearer |Signature=)/, ''));
      answer(403, `Unknown: ${text[peer.seen.length - 1]}`)(response, request);
    };
    await using peer = await startGateway([repeats]);
    const credentials = async () => ({
      accessKeyId: 'AKIDEXAMPLE',
      secretAccessKey: 'secret',
      sessionToken: 'TOKEN-OF-A-SESSION',
    });
    const sign = createSigV4({ service: 'monitoring', region: 'eu-central-1', credentials, now: () => NOW });
    const headers = { 'X-Api-Key': 'key-of-a-tenant', Authorization: 'Bearer tops3cret' };
    for (const open of [{}, {}, { sign }].map((more) => async () => ({ url: peer.url, ...more }))) {
      const failed = connect(peer, { open, headers }).sink.deliver(seriesOf(1), running);
      await expect(failed).rejects.toThrow(/ answered 403 Forbidden\. Check otlp\.credentials/);
    }
    expect(peer.seen.map(({ headers }, index) => headers[told[index] as string])).toEqual([
      'key-of-a-tenant',
      'Bearer tops3cret',
      'TOKEN-OF-A-SESSION',
    ]);
  });

  it('shows what a receiver says about a short header, such as the number of a tenant', async () => {
    await using peer = await startGateway([answer(403, 'tenant 7 is unknown')]);
    const failed = connect(peer, { headers: { 'X-Scope-OrgID': '7' } }).sink.deliver(seriesOf(1), running);
    await expect(failed).rejects.toThrow('tenant 7 is unknown');
  });

  it('signs each attempt for CloudWatch, the body as it is sent', async () => {
    await using peer = await startGateway([answer(503), ok]);
    const sign = createSigV4({
      service: 'monitoring',
      region: 'eu-central-1',
      credentials: async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }),
      now: systemClock.now,
    });
    const open = async () => ({ url: peer.url, sign });
    await connect(peer, { open }).sink.deliver(seriesOf(1), running);
    for (const { headers } of peer.seen) {
      expect(headers.authorization).toMatch(
        /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/monitoring\/aws4_request, SignedHeaders=[a-z0-9;-]*content-encoding;content-type;host;/,
      );
      expect(headers['x-amz-content-sha256']).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(peer.seen).toHaveLength(2);
  });

  it('has nothing to forget', async () => {
    await using peer = await startGateway([ok]);
    expect(await connect(peer).sink.forget(seriesOf(1).group, running)).toBe(false);
    expect(peer.seen).toEqual([]);
  });
});

describe('samples with times of their own', () => {
  it('go to the receiver as others do; those that it did not take, it will take never', async () => {
    await using peer = await startGateway([ok, partial(1, 'too old'), answer(400), answer(503)]);
    const { sink } = connect(peer, { maxPoints: 100 });
    const { append, maxAgeMs, maxSamples } = sink.timed ?? {};
    expect([maxAgeMs, maxSamples]).toEqual([3_000_000, 100]);
    expect(await append?.(seriesOf(2), running)).toBe('delivered');
    expect(peer.seen).toHaveLength(1);
    expect(await append?.(seriesOf(2), running)).toMatchObject({
      refused: 1,
      why: expect.objectContaining({ message: expect.stringContaining('too old') }),
    });
    for (const refuses of [true, false]) {
      const error: unknown = await append?.(seriesOf(2), running).catch((thrown: unknown) => thrown);
      expect(isRefusal(error)).toBe(refuses);
    }
  });
});

describe('what is appended', () => {
  it('is one request, however many samples it has', async () => {
    await using peer = await startGateway([ok]);
    const { sink } = connect(peer, { maxPoints: 10, maxBytes: 1_000 });
    await sink.timed?.append(seriesOf(10_000), running);
    expect(peer.seen.map(({ bytes }) => samplesOf(decodeExport(bytes)).length)).toEqual([10_000]);
  });
});

describe('what a receiver answers', () => {
  it.each([429, 502, 503, 504])('%i is asked again, after the pause that it asks for', async (status) => {
    await using peer = await startGateway([answer(status, '', { 'retry-after': '7' }), answer(status), ok]);
    const { sink, clock } = connect(peer);
    expect(await sink.deliver(seriesOf(1), running)).toBe('delivered');
    expect(clock.pauses).toEqual([7_000, 1_000]);
    expect(peer.seen.map(({ bytes }) => bytes.equals(peer.seen[0]?.bytes ?? Buffer.alloc(0)))).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('a pause longer than a run waits ends the delivery at once, and is told', async () => {
    await using peer = await startGateway([answer(503, '', { 'retry-after': '3600' })]);
    const { sink, clock } = connect(peer);
    await expect(sink.deliver(seriesOf(1), running)).rejects.toMatchObject({
      code: 'busy',
      message: expect.stringMatching(/It asks to wait 3600 s, so this run does not try again/),
    });
    expect([peer.seen.length, clock.pauses]).toEqual([1, []]);
  });

  it.each([
    [
      400,
      encodeStatus('unknown tenant\r\n\u0007x'),
      PROTOBUF,
      'rejected',
      /400 Bad Request: unknown tenant x\. Nothing/,
    ],
    [400, 'bad', {}, 'rejected', /400 Bad Request: bad\. Nothing of this request is sent again\./],
    [500, 'oops', {}, 'busy', /answered 500 .*Check the health and log of the receiver\.$/],
    [501, '', {}, 'busy', /answered 501/],
    [408, '', {}, 'status', /answered 408/],
    [401, '', {}, 'credentials', /Check otlp\.credentials, otlp\.token or otlp\.headers/],
    [404, '', {}, 'not-found', /of Prometheus 3 http:\/\/<host>:9090\/api\/v1\/otlp/],
    [
      200,
      'OK',
      { 'content-type': 'text/plain' },
      'stranger',
      /answered 200: OK\. The OTLP receiver does not answer so/,
    ],
    [
      200,
      '<html>Log in</html>',
      {},
      'page',
      /a web page, so it was not the OTLP receiver .* Check otlp\.url/,
    ],
    [200, '{"status":"ok"}', { 'content-type': 'application/json' }, 'stranger', /Check otlp\.url/],
  ])('%i %j is not asked again, and says what to do', async (status, body, headers, code, message) => {
    await using peer = await startGateway([answer(status, body, headers as Record<string, string>)]);
    const { sink, clock } = connect(peer);
    await expect(sink.deliver(seriesOf(1), running)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    expect([peer.seen.length, clock.pauses.length]).toEqual([1, 0]);
  });

  it('samples that it did not take are told with its words, and are not sent again', async () => {
    await using peer = await startGateway([ok, partial(3, 'out of\u0000order'), partial(2, 'later')]);
    const { sink } = connect(peer, { maxPoints: 10 });
    await expect(sink.deliver(seriesOf(30), running)).rejects.toMatchObject({
      code: 'rejected',
      retryable: false,
      message: `POST ${peer.url}/api/v1/otlp/v1/metrics: 5 of 30 samples were not taken. The others were taken. It said first: out of order`,
    });
    expect(peer.seen).toHaveLength(3);
  });

  it('no more are counted as lost than were sent, whatever it says', async () => {
    await using peer = await startGateway([partial(2 ** 52, '')]);
    await expect(connect(peer).sink.deliver(seriesOf(4), running)).rejects.toMatchObject({
      message: expect.stringMatching(/: 4 of 4 samples were not taken\. It did not say why; see its log\.$/),
    });
  });

  it('a warning without a loss is logged, and the delivery succeeds', async () => {
    await using peer = await startGateway([partial(0, 'field x is\ndeprecated')]);
    const { sink, warnings } = connect(peer);
    expect(await sink.deliver(seriesOf(1), running)).toBe('delivered');
    expect(warnings).toEqual([
      ['the OTLP receiver took all samples, and warned', { warning: 'field x is deprecated' }],
    ]);
  });

  it('a request that it refuses costs the others nothing', async () => {
    await using peer = await startGateway([answer(413), ok, answer(400, 'odd')]);
    const { sink } = connect(peer, { maxPoints: 10 });
    await expect(sink.deliver(seriesOf(25), running)).rejects.toMatchObject({
      code: 'rejected',
      message: expect.stringMatching(
        /^POST (?!.*POST ).*answered 413.* In all, 15 of 25 samples were not taken\. The others were taken\.$/,
      ),
    });
    expect(peer.seen).toHaveLength(3);
  });

  it('a receiver that fails in the middle is asked no more, and what it took before is told', async () => {
    await using peer = await startGateway([ok, answer(401)]);
    const { sink } = connect(peer, { maxPoints: 10 });
    await expect(sink.deliver(seriesOf(40), running)).rejects.toMatchObject({
      code: 'credentials',
      status: 401,
      message: expect.stringMatching(/ 10 samples were taken before that\.$/),
    });
    expect(peer.seen).toHaveLength(2);
  });

  it('a cut connection and an answer that was cut off are asked again', async () => {
    const cut: Answer = (response) => {
      response.writeHead(200, { ...PROTOBUF, 'content-length': 100 }).write('\n');
      response.socket?.end();
    };
    await using peer = await startGateway([reset, cut, ok]);
    expect(await connect(peer).sink.deliver(seriesOf(1), running)).toBe('delivered');
    expect(peer.seen).toHaveLength(3);
  });

  it('an endless answer is not read to its end', async () => {
    const endless: Answer = (response) => {
      response.writeHead(200, PROTOBUF);
      const write = () => {
        while (response.write(Buffer.alloc(65_536, 1)));
      };
      response.on('drain', write);
      write();
    };
    await using peer = await startGateway([endless]);
    await expect(connect(peer).sink.deliver(seriesOf(1), running)).rejects.toMatchObject({
      code: 'stranger',
    });
  });

  it('words that repeat a secret are left out', async () => {
    await using peer = await startGateway([partial(1, 'bad token tops3cret')]);
    const open = async () => ({ url: peer.url, token: 'tops3cret' });
    await expect(connect(peer, { open }).sink.deliver(seriesOf(2), running)).rejects.toMatchObject({
      message: expect.stringMatching(/1 of 2 samples were not taken\. .* It did not say why; see its log\.$/),
    });
  });

  it('none at all is a fault after the limit of each attempt', async () => {
    await using peer = await startGateway([hang]);
    const { sink } = connect(peer, {}, { isOver: true });
    await expect(sink.deliver(seriesOf(1), running)).rejects.toMatchObject({ code: 'timeout' });
  });
});

describe('a run that lost its lease', () => {
  it('sends nothing', async () => {
    await using peer = await startGateway([ok]);
    const lost = { ...running, holdsLease: async () => false };
    expect(await connect(peer).sink.deliver(seriesOf(1), lost)).toBe('lease-lost');
    expect(peer.seen).toEqual([]);
  });

  it('sends no further request, and repeats none', async () => {
    let asked = 0;
    const holdsLease = async () => {
      asked += 1;
      return asked < 3;
    };
    await using peer = await startGateway([ok, answer(503)]);
    const { sink } = connect(peer, { maxPoints: 10 });
    expect(await sink.deliver(seriesOf(40), { ...running, holdsLease })).toBe('lease-lost');
    expect(peer.seen).toHaveLength(2);
  });

  it('ends with the signal of the run, in the middle of an answer', async () => {
    const end = new AbortController();
    await using peer = await startGateway([hang]);
    const delivery = connect(peer).sink.deliver(seriesOf(1), { ...running, signal: end.signal });
    delivery.catch(() => undefined);
    await peer.nextRequest();
    end.abort(new Error('the end of the run'));
    await expect(delivery).rejects.toThrow('the end of the run');
    await expect.poll(() => peer.connections()).toBe(0);
  });
});
