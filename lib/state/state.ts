import { randomUUID } from 'node:crypto';
import type { Clock } from '../platform/clock.ts';
import type { ReadSeals } from '../platform/seal.ts';
import { createChunkedValues } from './chunked-value.ts';
import { createItemSeals, type ItemSeals, UNSEALED } from './item-seals.ts';
import type { Table } from './port.ts';
import { type AccountStore, createAccountStore } from './stores/accounts.ts';
import { type ClaimStore, createClaimStore } from './stores/claims.ts';
import { type CredentialStateStore, createCredentialStateStore } from './stores/credential-states.ts';
import { createDeviceListStore, type DeviceListStore } from './stores/device-lists.ts';
import { createEventTallyStore, type EventTallyStore } from './stores/event-tallies.ts';
import { createFillStore, type FillStore } from './stores/fills.ts';
import { createFlightStore, type FlightStore } from './stores/flights.ts';
import { createGroupStore, type GroupStore } from './stores/groups.ts';
import { createHostKeyStore, type HostKeyStore } from './stores/host-keys.ts';
import { createHostListStore, type HostListStore } from './stores/host-lists.ts';
import { createRollStore, type RollStore } from './stores/rolls.ts';
import { createRunStore, type RunStore } from './stores/runs.ts';
import { createSeriesListStore, type SeriesListStore } from './stores/series-lists.ts';
import { createStamps, type Stamps } from './stores/stamps.ts';

/**
 * What vsweep remembers between runs: one table, one part a kind of item. Every function throws StateError
 * (see its codes), or the signal's reason after an abort.
 */
export interface State {
  readonly accounts: AccountStore;
  readonly hostKeys: HostKeyStore;
  readonly runs: RunStore;
  readonly hostLists: HostListStore;
  readonly rolls: RollStore;
  readonly stamps: Stamps;
  readonly deviceLists: DeviceListStore;
  readonly groups: GroupStore;
  readonly eventTallies: EventTallyStore;
  readonly fills: FillStore;
  readonly flights: FlightStore;
  readonly credentialStates: CredentialStateStore;
  readonly claims: ClaimStore;
  readonly seriesLists: SeriesListStore;
}

/**
 * The state in a table, of this machine or in AWS. With `seals` host lists, host keys and rolls are sealed, because
 * others may write the table: what does not verify counts as absent.
 */
export function createState({
  table,
  clock,
  seals: readSeals,
}: {
  table: Table;
  clock: Clock;
  seals?: ReadSeals;
}): State {
  const now = () => clock.now();
  const seals = readSeals === undefined ? UNSEALED : createItemSeals(readSeals);
  const stamps = createStamps({ table, randomId: randomUUID, now });
  const valuesWith = (itemSeals: ItemSeals) =>
    createChunkedValues({ table, now, randomId: randomUUID, seals: itemSeals });
  return {
    accounts: createAccountStore({ table, now }),
    hostKeys: createHostKeyStore({ table, now, stamps, seals }),
    runs: createRunStore({ table, now }),
    hostLists: createHostListStore({ values: valuesWith(seals) }),
    rolls: createRollStore({ values: valuesWith(seals) }),
    stamps,
    deviceLists: createDeviceListStore({ values: valuesWith(UNSEALED) }),
    groups: createGroupStore({ table }),
    eventTallies: createEventTallyStore({ table }),
    fills: createFillStore({ table }),
    flights: createFlightStore({ table, now }),
    credentialStates: createCredentialStateStore({ table }),
    claims: createClaimStore({ table, randomId: randomUUID }),
    seriesLists: createSeriesListStore({ table, values: valuesWith(UNSEALED) }),
  };
}
