import type { History } from './history.ts';

/** Histories that once found a bug, as small as they could be made, and what it was. Played always. */
export const FOUND: readonly { readonly found: string; readonly history: History }[] = [
  {
    found: 'a target that came after the verdict suspended the credential once more',
    history: {
      kind: 'domain',
      api: 'own',
      seed: 1598551242,
      limits: [3, 3, 5, 5, 3, 3, 3, 3, 5],
      knownLimits: [true, true, true, false, true, false, true, true, true],
      directoryLimit: 3,
      steps: [
        { kind: 'run', starts: [{ what: 'services', afterMs: 9 }] },
        { kind: 'run', starts: [{ what: 'services', afterMs: 3991 }], atMs: 9 },
      ],
    },
  },
  {
    found: "a lost flight was counted between another target's look at a domain's account and its login",
    history: {
      kind: 'domain',
      api: 'own',
      seed: 4,
      limits: [3, 3, 3, 3, 5, 3, 3, 5, 3],
      knownLimits: [true, false, true, true, false, false, false, false, true],
      directoryLimit: 5,
      steps: [
        {
          kind: 'run',
          starts: [
            { what: 'services', afterMs: 3548 },
            { what: 'services', afterMs: 2499 },
          ],
        },
        {
          kind: 'run',
          starts: [
            { what: 'status', afterMs: 3887, workersApart: true },
            { what: 'services', afterMs: 1074 },
            { what: 'status', afterMs: 1703 },
          ],
          midway: { kind: 'vcenters', to: 'p2' },
          atMs: 878,
        },
        {
          kind: 'run',
          starts: [
            { what: 'services', afterMs: 1232, diesAt: 54 },
            { what: 'poll-vc01', afterMs: 969 },
          ],
        },
        {
          kind: 'run',
          starts: [{ what: 'services', afterMs: 3126 }],
          midway: { kind: 'secret', which: 'esxi', to: 'p2' },
          atMs: 1559,
        },
        {
          kind: 'run',
          starts: [
            { what: 'poll-alone', afterMs: 3084 },
            { what: 'poll-alone', afterMs: 1159 },
            { what: 'services', afterMs: 2842 },
          ],
          atMs: 2803,
        },
      ],
    },
  },
  {
    found:
      'flights of a target that had no list any more were counted after the lift that was meant for them',
    history: {
      kind: 'domain',
      api: 'directory',
      seed: 1680730557,
      limits: [5, 5, 3, 5, 3, 5, 5, 3, 3],
      knownLimits: [false, true, true, true, true, false, false, false, true],
      directoryLimit: 3,
      steps: [
        { kind: 'run', starts: [{ what: 'services', afterMs: 405, diesAt: 100 }] },
        { kind: 'pass', ms: 90_000_000 },
        {
          kind: 'run',
          starts: [{ what: 'poll-alone', afterMs: 501 }],
          midway: { kind: 'hosts', on: 511, to: 'p2' },
          atMs: 2619,
        },
        {
          kind: 'run',
          starts: [{ what: 'services', afterMs: 2312 }],
          midway: { kind: 'secret', which: 'esxi', to: 'p1' },
          atMs: 96,
        },
      ],
    },
  },
  {
    found:
      'a suspect was not asked, because the trial of another target had no verdict by the push of its own',
    history: {
      kind: 'local',
      api: 'own',
      seed: 970060983,
      limits: [3, 5, 5, 3, 5, 3, 3, 3, 3],
      knownLimits: [false, false, false, false, true, true, true, false, false],
      directoryLimit: 5,
      steps: [
        {
          kind: 'run',
          starts: [{ what: 'status', afterMs: 2177, diesAt: 56, workersApart: true, workersDieAt: 9 }],
          midway: { kind: 'vcenters', to: 'p1' },
          atMs: 8,
        },
        {
          kind: 'run',
          starts: [
            { what: 'services', afterMs: 3, diesAt: 79, workersApart: true, workersDieAt: 2 },
            { what: 'services', afterMs: 11, diesAt: 98, workersApart: true, workersDieAt: 71 },
          ],
          midway: { kind: 'vcenters', to: 'p0' },
          atMs: 2985,
        },
        { kind: 'lift' },
        { kind: 'pass', ms: 90_000_000 },
        {
          kind: 'run',
          starts: [
            { what: 'services', afterMs: 7, diesAt: 53, workersApart: false, workersDieAt: 126 },
            { what: 'services', afterMs: 3509, diesAt: 19, workersApart: false, workersDieAt: 5 },
            { what: 'poll-vc01', afterMs: 2514, diesAt: 7, workersApart: true, workersDieAt: 146 },
          ],
          midway: { kind: 'secret', which: 'vcenter', to: 'p0' },
          atMs: 4,
        },
      ],
    },
  },
  {
    found: 'the second and third target of a run lost an interval each while the first tried a new version',
    history: {
      kind: 'local',
      seed: 1,
      limits: [3, 3, 3, 3, 3, 3, 3, 3, 3],
      directoryLimit: 3,
      steps: [{ kind: 'run', starts: [{ what: 'services', afterMs: 0 }] }],
    },
  },
];
