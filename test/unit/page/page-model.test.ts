import { describe, expect, it } from 'vitest';
import { type Board, type BoardHost, EMPTY_BOARD } from '../../../lib/page/board.ts';
import { NO_SURROUNDINGS, toPageModel } from '../../../lib/page/page-model.ts';

const host = (moref: string, name: string): BoardHost => ({ moref, name, standings: {}, details: {} });
const sweepOn = (target: string, sweep: string) => ({
  sweep,
  target,
  runs: [],
  problems: [],
  warnings: [],
  deliveries: [],
});
const services = { name: 'services', everyMs: 60_000, isStuck: true, broken: 2 };

const process = {
  version: '1.2.3',
  sweeps: [services],
  targets: [
    { name: 'vc01', site: 'lab' },
    { name: 'constructor', site: 'prod' },
  ],
};

describe('what the page gets', () => {
  it('is every configured sweep and target before the first run, and nothing of runs', () => {
    expect(toPageModel(EMPTY_BOARD, NO_SURROUNDINGS, process)).toEqual({
      version: '1.2.3',
      accounts: [],
      groups: [],
      process: [services],
      sweeps: [],
      targets: [
        { name: 'vc01', site: 'lab', clusters: [] },
        { name: 'constructor', site: 'prod', clusters: [] },
      ],
    });
  });

  it('has of the process no more than it shows', () => {
    const sweeps = [{ ...services, secret: 'x' }];
    expect(toPageModel(EMPTY_BOARD, NO_SURROUNDINGS, { ...process, sweeps }).process).toEqual([services]);
  });

  it('has how often each sweep runs, and 0 of one that is not configured any more', () => {
    const board: Board = { ...EMPTY_BOARD, sweeps: [sweepOn('vc01', 'services'), sweepOn('vc01', 'gone')] };
    expect(toPageModel(board, NO_SURROUNDINGS, process).sweeps).toEqual([
      { ...sweepOn('vc01', 'services'), everyMs: 60_000 },
      { ...sweepOn('vc01', 'gone'), everyMs: 0 },
    ]);
  });

  it('has the hosts of each target by cluster, in the order in which a person counts', () => {
    const hosts = [
      host('h1', 'esx10'),
      host('h2', 'esx2'),
      host('h3', 'alone'),
      host('h4', 'esx1'),
      host('h5', 'unlisted'),
    ];
    const board: Board = {
      sweeps: [],
      hosts: { vc01: Object.fromEntries(hosts.map((one) => [one.moref, one])) },
    };
    const clusters = new Map([
      [
        'vc01',
        new Map([
          ['h1', 'cluster 10'],
          ['h2', 'cluster 10'],
          ['h3', ''],
          ['h4', 'cluster 9'],
        ]),
      ],
    ]);
    const [vc01, other] = toPageModel(board, { ...NO_SURROUNDINGS, clusters }, process).targets;
    expect(vc01?.clusters.map(({ name, hosts: those }) => [name, those.map((one) => one.name)])).toEqual([
      ['', ['alone', 'unlisted']],
      ['cluster 9', ['esx1']],
      ['cluster 10', ['esx2', 'esx10']],
    ]);
    expect(other?.clusters).toEqual([]);
    const withoutLists = toPageModel(board, NO_SURROUNDINGS, process).targets[0];
    expect(withoutLists?.clusters.map(({ name, hosts: those }) => [name, those.length])).toEqual([['', 5]]);
  });

  it('has the accounts and groups as the state says them', () => {
    const accounts = [
      {
        user: 'root',
        address: '10.0.0.1',
        hosts: ['esx1'],
        refusals: 2,
        next: 'when lifted',
        lift: 'vsweep x',
      },
    ];
    const groups = [{ job: 'vsweep', instance: 'vc01' }];
    expect(toPageModel(EMPTY_BOARD, { ...NO_SURROUNDINGS, accounts, groups }, process)).toMatchObject({
      accounts,
      groups,
    });
  });
});
