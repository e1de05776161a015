import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunSummary } from '../../../lib/sweep/result/summary.ts';
import { SWEEP, WORKER } from '../../support/lambda/aws.ts';
import { type DemoEstate, startDemoEstate } from '../../support/lambda/demo-estate.ts';
import { healthyHosts } from '../../support/lambda/demo-hosts.ts';
import { type LogLine, logLines } from '../../support/lambda/log-lines.ts';

const TARGET = 'vc01.example.org';

describe('log lines of a run in AWS', () => {
  let estate: DemoEstate;
  let runs: { readonly runId: string; readonly lines: readonly LogLine[] }[];

  beforeAll(async () => {
    estate = await startDemoEstate({ targets: { [TARGET]: healthyHosts(3, { network: 39 }) } });
    runs = [];
    let before = 0;
    for (const _run of ['the first', 'the second']) {
      const { runId } = (await estate.sweepNext()).payload as RunSummary;
      const all = linesOf(estate);
      runs.push({ runId, lines: all.slice(before) });
      before = all.length;
    }
  });
  afterAll(() => estate?.[Symbol.asyncDispose]());

  const by = (lines: readonly LogLine[], service: string) =>
    lines.filter((line) => line['service'] === `vsweep-${service}`);

  it('name the run, those of its workers as well', () => {
    expect(new Set(runs.map(({ runId }) => runId)).size).toBe(2);
    for (const { runId, lines } of runs) {
      for (const service of ['sweep', 'collect-batch']) {
        const ids = by(lines, service).map((line) => line['runId']);
        expect(ids.length).toBeGreaterThan(0);
        expect(new Set(ids)).toEqual(new Set([runId]));
      }
    }
  });

  it.each([SWEEP, WORKER])('name the invocation by the id that Lambda gave it: %s', (name) => {
    const ids = runs.flatMap(({ lines }) =>
      by(lines, name.replace('vsweep-', '')).map((line) => line['requestId']),
    );
    const given = estate.aws.lambda.invocations(name).map(({ requestId }) => requestId);
    expect([...new Set(ids)].sort()).toEqual(given.sort());
  });

  it('say whether the process was new', () => {
    const coldStarts = runs.map(({ lines }) => [
      ...new Set(by(lines, 'sweep').map((line) => line['coldStart'])),
    ]);
    expect(coldStarts).toEqual([[true], [false]]);
  });
});

/** Without the lines of metrics, which are for CloudWatch. */
const linesOf = (estate: DemoEstate): LogLine[] =>
  logLines(estate.aws.lambda.log()).filter((line) => line['_aws'] === undefined);
