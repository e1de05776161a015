import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../lib/config/parse-config.ts';
import { warningsOf } from '../../../lib/config/warnings.ts';

const collectors = { names: ['overall-status'], overSsh: [], overVcenter: ['overall-status'] };
const warned = (targets: string) =>
  warningsOf(
    parseConfig(
      `targets: [${targets}]\nsweeps: [{ name: s, every: 1m, targets: [vc01], collectors: [overall-status] }]`,
      { file: 'vsweep.yaml', collectors },
    ),
  );

describe('warnings of a configuration', () => {
  it('name two targets with one url, however it is written, and what to write instead', () => {
    expect(
      warned(
        '{ name: vc01, url: "https://vc.example.org", credentials: { env: A } }, { name: vc02, url: "https://vc.example.org/sdk", credentials: { env: A } }',
      ),
    ).toEqual([
      {
        path: 'targets[1].url',
        message: expect.stringMatching(
          /^asks https:\/\/vc\.example\.org\/sdk, as target "vc01" does, .*aliases: \[vc02\] at "vc01"$/,
        ),
      },
    ]);
  });

  it('are none for two servers, and for a target that nobody logs in to', () => {
    expect(
      warned('{ name: vc01, credentials: { env: A } }, { name: vc02, credentials: { env: A } }'),
    ).toEqual([]);
    expect(
      warned(
        '{ name: vc01, url: "https://vc/sdk", credentials: { env: A } }, { name: b, url: "https://vc/sdk", hosts: [{ name: h }] }',
      ),
    ).toEqual([]);
  });
});
