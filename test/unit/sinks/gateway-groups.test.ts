import { describe, expect, it } from 'vitest';
import { parseGatewayGroups } from '../../../lib/sinks/pushgateway/gateway-groups.ts';

const time = (value: string) => ({ type: 'GAUGE', metrics: [{ labels: {}, value }] });
const answer = (...data: object[]) => JSON.stringify({ status: 'success', data });
const group = (labels: Record<string, string>, more: object = {}) => ({
  labels,
  last_push_successful: true,
  push_time_seconds: time('1.7e+09'),
  push_failure_time_seconds: time('0'),
  esxi_ssh_up: { type: 'GAUGE', metrics: [{ labels: {}, value: '1' }] },
  ...more,
});

describe('parseGatewayGroups', () => {
  it('reads when a group was pushed and refused, and takes 0 for never', () => {
    const refused = {
      last_push_successful: false,
      push_time_seconds: time('0'),
      push_failure_time_seconds: time('1700000000.5'),
    };
    expect(
      parseGatewayGroups(
        answer(group({ job: 'a', instance: 'x' }), group({ job: 'b', instance: '' }, refused)),
      ),
    ).toEqual([
      { job: 'a', instance: 'x', pushedAt: 1_700_000_000_000, lastPushSuccessful: true },
      { job: 'b', instance: '', failedAt: 1_700_000_000_500, lastPushSuccessful: false },
    ]);
  });

  it('reads which part of an instance a group is', () => {
    const parts = answer(group({ job: 'a', instance: 'x', vsweep_part: '2' }));
    expect(parseGatewayGroups(parts)).toMatchObject([{ job: 'a', instance: 'x', part: '2' }]);
  });

  it("leaves out groups of other labels, which are somebody else's", () => {
    const others = [{ job: 'a' }, { job: 'a', instance: 'x', shard: '1' }].map((labels) => group(labels));
    expect(parseGatewayGroups(answer(...others))).toEqual([]);
  });

  it('reads a group that was never pushed to by a gateway that leaves the times away', () => {
    const times = { push_time_seconds: undefined, push_failure_time_seconds: undefined };
    expect(parseGatewayGroups(answer(group({ job: 'a', instance: 'x' }, times)))).toEqual([
      { job: 'a', instance: 'x', lastPushSuccessful: true },
    ]);
  });

  it.each([
    '',
    '<html>',
    '{}',
    answer({ labels: { job: 'a', instance: 'x' } }),
    '{"status":"error","data":[]}',
    '{"status":"success"}',
    answer(group({ job: 'a', instance: 'x' }, { push_time_seconds: { metrics: [] } })),
    answer(group({ job: 'a', instance: 'x' }, { push_time_seconds: time('soon') })),
  ])('refuses what is no answer of a Pushgateway: %s', (text) => {
    expect(() => parseGatewayGroups(text)).toThrow(
      expect.objectContaining({
        name: 'PushError',
        code: 'malformed',
        cause: expect.any(Error),
        message: expect.stringMatching(/not from a Pushgateway.*push\.url/),
      }),
    );
  });
});
