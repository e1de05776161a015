import { describe, expect, it } from 'vitest';
import type { PeerWords } from '../../../lib/sinks/http/faults.ts';
import { PUSH_ONLY } from '../../../lib/sinks/pushgateway/push-only-words.ts';
import { REMOTE_WRITE } from '../../../lib/sinks/remote-write/remote-write-words.ts';
import { importPath, VICTORIA_METRICS } from '../../../lib/sinks/victoria-metrics/victoria-metrics-sink.ts';

const faultsOf = (words: PeerWords) =>
  Object.fromEntries(
    [400, 401, 403, 404, 405, 409, 415, 422, 429, 500].flatMap((status) => {
      const fault = words.faultOf?.(status);
      return fault === undefined ? [] : [[status, `${fault.code}: ${fault.remedy}`]];
    }),
  );
const answer = (status: number, text = '') => ({ status, text, headers: {}, bytes: Buffer.from(text) });

describe('the words of a destination of remote write', () => {
  it('say what is wrong and what to do', () => {
    const refused = 'inconsistent: Nothing of this request is sent again.';
    const credentials =
      'credentials: Check remoteWrite.credentials or remoteWrite.token; of a workspace, that whoever signs may do aps:RemoteWrite on it, and the clock of this machine.';
    const path =
      'not-found: Check remoteWrite.url, which is the whole one: <prometheus>:9090/api/v1/write, started with --web.enable-remote-write-receiver, or <mimir>/api/v1/push.';
    expect(faultsOf(REMOTE_WRITE)).toEqual({
      400: refused,
      422: refused,
      401: credentials,
      403: credentials,
      404: path,
      405: path,
    });
  });

  it('take every answer below 300 for a success, whatever its body', () => {
    expect(REMOTE_WRITE.isSuccess(answer(200, 'ok'))).toBe(true);
  });
});

describe('the words of VictoriaMetrics', () => {
  it('say what is wrong and what to do', () => {
    const refused = 'inconsistent: Its log names the line that it could not read.';
    const path =
      'not-found: Check victoriaMetrics.url: without /api/v1/import/prometheus; of a cluster, <vminsert>/insert/<accountID>/prometheus.';
    expect(faultsOf(VICTORIA_METRICS)).toEqual({ 400: refused, 422: refused, 404: path, 405: path });
  });

  it('take 204 without a body for a success, and nothing else', () => {
    const successes = [answer(204), answer(204, 'x'), answer(200)].map(VICTORIA_METRICS.isSuccess);
    expect(successes).toEqual([true, false, false]);
  });

  it('send the labels of the group in the path, escaped', () => {
    expect(importPath({ job: 'a=b&c', instance: 'vc\ud800' })).toBe(
      '/api/v1/import/prometheus?extra_label=job%3Da%3Db%26c&extra_label=instance%3Dvc%EF%BF%BD',
    );
  });
});

describe('the words of a destination that takes pushes only', () => {
  it('say what is wrong and what to do', () => {
    const refused =
      'inconsistent: Its log names what it could not read. An old VictoriaMetrics has no such path: use victoriaMetrics.';
    const path =
      'not-found: Check push.url: what is before /metrics/job, of VictoriaMetrics http://<host>:8428/api/v1/import/prometheus.';
    expect(faultsOf(PUSH_ONLY)).toEqual({ 400: refused, 415: refused, 422: refused, 404: path, 405: path });
  });

  it('take every success without a text for one', () => {
    const successes = [answer(200), answer(204), answer(202, ' \n'), answer(200, 'OK')].map(
      PUSH_ONLY.isSuccess,
    );
    expect(successes).toEqual([true, true, true, false]);
  });
});

describe('how messages call a destination', () => {
  it('is by its name, a short one, and its section of the configuration', () => {
    expect(
      [REMOTE_WRITE, VICTORIA_METRICS, PUSH_ONLY].map(({ name, short, section }) => [name, short, section]),
    ).toEqual([
      ['the destination of remote write', 'the destination', 'remoteWrite'],
      ['VictoriaMetrics', 'VictoriaMetrics', 'victoriaMetrics'],
      ['the destination', 'the destination', 'push'],
    ]);
  });
});
