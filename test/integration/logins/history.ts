import fc from 'fast-check';
import { principalOf } from '../../../lib/logins/rules/principal.ts';
import { ALL_HOSTS, type ApiAccounts, type PrincipalKind } from '../../support/world/estate.ts';
import {
  type Broken,
  createWorld,
  type Faults,
  NO_FAULTS,
  type SshFault,
  type Start,
  type TableFault,
  type VcenterFault,
  type WorkerFault,
  type World,
} from '../../support/world/world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const { signal } = new AbortController();

type Password = 'p0' | 'p1' | 'p2' | 'p3';

/** Somebody changes a value: in the secret, on some hosts (bits of `on`, in the order of ALL_HOSTS), on the vCenters. */
type Rotation =
  | { readonly kind: 'secret'; readonly which: 'esxi' | 'vcenter'; readonly to: Password }
  | { readonly kind: 'hosts'; readonly on: number; readonly to: Password }
  | { readonly kind: 'vcenters'; readonly to: Password };

export type Step =
  | {
      readonly kind: 'run';
      readonly starts: readonly Start[];
      readonly midway?: Rotation | undefined;
      readonly atMs?: number;
    }
  | { readonly kind: 'rotate'; readonly rotation: Rotation }
  | { readonly kind: 'faults'; readonly faults: Faults }
  | { readonly kind: 'pass'; readonly ms: number }
  /** A clock is set, at most once an hour: a rule that counts minutes cannot stand more. */
  | { readonly kind: 'jump'; readonly ms: number }
  | { readonly kind: 'lift' };

export interface History {
  readonly kind: PrincipalKind;
  readonly api?: ApiAccounts;
  readonly seed: number;
  readonly limits: readonly number[];
  readonly knownLimits?: readonly boolean[];
  readonly directoryLimit: number;
  /** Hosts that accept anything, all the time. */
  readonly liars?: readonly string[] | undefined;
  readonly steps: readonly Step[];
}

const password = fc.constantFrom<Password[]>('p0', 'p0', 'p1', 'p2', 'p3');
const rotation: fc.Arbitrary<Rotation> = fc.oneof(
  fc.record({
    kind: fc.constant('secret' as const),
    which: fc.constantFrom('esxi' as const, 'vcenter' as const),
    to: password,
  }),
  fc.record({
    kind: fc.constant('hosts' as const),
    on: fc.constantFrom(0x1ff, 0x1ff, 0x0f, 0x155, 1, 0x100),
    to: password,
  }),
  fc.record({ kind: fc.constant('vcenters' as const), to: password }),
);
const death = fc.option(fc.integer({ min: 1, max: 150 }), { nil: undefined, freq: 3 });
const maybe = <T>(value: fc.Arbitrary<T>, freq = 2) => fc.option(value, { nil: undefined, freq });
const start: fc.Arbitrary<Start> = fc.record({
  what: fc.constantFrom<Start['what'][]>(
    'services',
    'services',
    'services',
    'status',
    'poll-vc01',
    'poll-alone',
  ),
  afterMs: fc.nat(4_000),
  beside: maybe(
    fc.record({
      what: fc.constantFrom<('services' | 'status')[]>('services', 'status'),
      afterMs: fc.nat(8_000),
    }),
  ),
  stopsAtMs: maybe(fc.nat(8_000), 4),
  diesAt: death,
  workersApart: fc.boolean(),
  inline: fc.boolean(),
  workersDieAt: death,
});
const faults: fc.Arbitrary<Faults> = fc.record({
  ssh: fc
    .array(
      fc.tuple(
        fc.constantFrom(...ALL_HOSTS),
        fc.constantFrom<SshFault[]>(
          'no-answer',
          'hang',
          'cut',
          'hang-after-password',
          'answers-late',
          'command-fails',
          'cut-by-stall',
          'refuses',
          'kills',
          'kills-after-password',
        ),
      ),
      { maxLength: 5 },
    )
    .map((entries) => Object.fromEntries(entries)),
  vcenter: maybe(
    fc.constantFrom<VcenterFault[]>(
      'no-answer',
      'hang',
      'cut',
      'hang-after-password',
      'undecided',
      'listing-fails',
      'tickets-hang',
      'sessions-hang',
      'objects-hang',
    ),
  ),
  table: maybe(
    fc.record({
      fault: fc.constantFrom<TableFault[]>('fails', 'hangs', 'twice', 'unheard'),
      on: fc.constantFrom('reads' as const, 'writes' as const, 'all' as const),
    }),
  ),
  worker: maybe(fc.constantFrom<WorkerFault[]>('throttled', 'lost', 'function-error')),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('run' as const),
      starts: fc.array(start, { minLength: 1, maxLength: 3 }),
      midway: maybe(rotation, 6),
      atMs: fc.nat(3_000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rotate' as const), rotation }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('faults' as const), faults }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'faults', faults: NO_FAULTS }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      ms: fc.constantFrom(MINUTE, 5 * MINUTE, 21 * MINUTE, 31 * MINUTE, 2 * HOUR, 25 * HOUR),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('jump' as const),
      ms: fc.constantFrom(-25 * HOUR, -HOUR, -MINUTE, MINUTE, HOUR, 25 * HOUR),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'lift' }) },
);

export const histories = (kind: PrincipalKind): fc.Arbitrary<History> =>
  fc.record({
    kind: fc.constant(kind),
    api: fc.constantFrom<ApiAccounts[]>('own', ...(kind === 'domain' ? (['directory'] as const) : [])),
    seed: fc.nat(),
    limits: fc.array(fc.constantFrom(3, 5), { minLength: ALL_HOSTS.length, maxLength: ALL_HOSTS.length }),
    knownLimits: fc.array(fc.boolean(), { minLength: ALL_HOSTS.length, maxLength: ALL_HOSTS.length }),
    directoryLimit: fc.constantFrom(3, 5),
    // One of them the account of a directory has to stand.
    liars:
      kind === 'domain' ? maybe(fc.constantFrom(...ALL_HOSTS).map((host) => [host])) : fc.constant(undefined),
    steps: fc.array(step, { minLength: 5, maxLength: 20 }),
  });

/** Plays a history; throws when an account is locked or vsweep breaks. */
export async function play(history: History, broken?: Broken): Promise<World> {
  const world = createWorld({ ...history, broken });
  await learnLimits(world, history);
  for (const [index, one] of history.steps.entries()) {
    await take(world, one);
    const [locked] = world.farSide.locked;
    if (locked !== undefined) throw new Error(`step ${index} locked ${locked}`);
    const [fault] = world.faulty;
    if (fault !== undefined) throw new Error(`step ${index}: ${fault}`);
  }
  return world;
}

/** As if they had been read through vCenter. */
async function learnLimits(world: World, { kind, knownLimits = [], limits }: History): Promise<void> {
  if (kind === 'domain') return;
  for (const [index, host] of ALL_HOSTS.entries()) {
    if (knownLimits[index] !== true) continue;
    const set = { user: 'root', address: host, hostLimit: limits[index] };
    await world.table.update({ pk: 'account#root', sk: host }, { set }, { signal });
  }
}

async function take(world: World, step: Step): Promise<void> {
  switch (step.kind) {
    case 'run': {
      const { midway, atMs = 0 } = step;
      await world.run(
        step.starts,
        midway === undefined ? undefined : { afterMs: atMs, happens: () => rotate(world, midway) },
      );
      world.pass(20_000);
      return;
    }
    case 'rotate':
      rotate(world, step.rotation);
      return;
    case 'faults':
      world.setFaults(step.faults);
      return;
    case 'pass':
      world.pass(step.ms);
      return;
    case 'jump':
      world.pass(HOUR);
      world.jump(step.ms);
      return;
    case 'lift':
      await liftAll(world);
      return;
    default:
      step satisfies never;
  }
}

function rotate(world: World, one: Rotation): void {
  if (one.kind === 'secret') world.secrets[one.which] = one.to;
  if (one.kind === 'vcenters') world.farSide.setVcenterPassword(one.to);
  if (one.kind === 'hosts') {
    for (const [index, host] of ALL_HOSTS.entries()) {
      if ((one.on >> index) % 2 === 1) world.farSide.setHostPassword(host, one.to);
    }
  }
}

/** The operator logs in everywhere by hand and lifts what vsweep holds. */
export async function liftAll(world: World): Promise<void> {
  for (const host of ALL_HOSTS) world.farSide.reset(host);
  for (const user of ['root', principalOf(world.userOf('esxi'))]) {
    await world.accounts.lift(user, undefined, { signal });
  }
}
