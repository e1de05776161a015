import { type AccountStore, createAccountStore } from './accounts.ts';
import { type CredentialStateStore, createCredentialStateStore } from './credential-states.ts';
import { createFlightStore, type FlightStore } from './flights.ts';
import { createGroupStore, type GroupStore } from './groups.ts';
import { createHostKeyStore, type HostKeyStore } from './host-keys.ts';
import { createHostListStore, type HostListStore } from './host-lists.ts';
import { createRunStore, type RunStore } from './runs.ts';
import { createTable, type TableOptions } from './table.ts';

/**
 * What vsweep remembers between runs: one DynamoDB table, one part a kind of item. Every function throws StateError
 * (see its codes), or the signal's reason after an abort.
 */
export interface State {
  readonly accounts: AccountStore;
  readonly hostKeys: HostKeyStore;
  readonly runs: RunStore;
  readonly hostLists: HostListStore;
  readonly groups: GroupStore;
  readonly flights: FlightStore;
  readonly credentialStates: CredentialStateStore;
}

/** The state in the table that `client` reaches: the embedded server's, or one in AWS. */
export function createState(options: TableOptions): State {
  const table = createTable(options);
  const now = () => options.clock.now();
  return {
    accounts: createAccountStore({ table, now }),
    hostKeys: createHostKeyStore({ table, now }),
    runs: createRunStore({ table, now }),
    hostLists: createHostListStore({ table, now }),
    groups: createGroupStore({ table }),
    flights: createFlightStore({ table }),
    credentialStates: createCredentialStateStore({ table }),
  };
}
