import { randomBytes } from 'node:crypto';
import { groupsOf } from '../config/cross-checks.ts';
import { ConfigError } from '../config/errors.ts';
import type { LoadedConfig } from '../config/loaded-config.ts';
import { systemClock } from '../platform/clock.ts';
import { withTimeLimit } from '../platform/deadline.ts';
import { messageOf } from '../platform/errors.ts';
import type { Pushgateway } from '../sinks/pushgateway/client.ts';
import { createConfiguredPushgateway } from '../sinks/pushgateway/configured-client.ts';
import type { GatewayGroup } from '../sinks/pushgateway/gateway-groups.ts';
import { createPushgatewaySink } from '../sinks/pushgateway/pushgateway-sink.ts';
import { createCommandCredentials } from './command-credentials.ts';
import { formatTable } from './format-table.ts';
import { GROUP_COLUMNS, isSame, joinGroups, toRow, wholeGroups } from './known-groups.ts';
import { type StateOptions, withState } from './open-state.ts';
import { logTo, print, printError, tableWidth } from './terminal.ts';

/**
 * `vsweep groups list`: what was pushed, and what the gateway says of it. Answers 1 when that is not known: the gateway
 * does not answer, or groups were pushed to one that the configuration does not name any more.
 */
export async function groupsListCommand(options: StateOptions & { json: boolean }): Promise<number> {
  return await withState(options, async ({ state, loaded, signal }) => {
    const recorded = await state.groups.readAll({ signal });
    const gateway = openGateway(loaded, options);
    if (gateway === undefined && recorded.length === 0) {
      print(options.json ? '[]' : `no group was pushed, and ${sayNoGateway(loaded)}`);
      return 0;
    }
    const { atGateway, problem } = await askGateway(gateway, loaded, signal);
    const groups = joinGroups(recorded, atGateway, loaded.config);
    const hasGateway = gateway !== undefined;
    if (options.json) print(JSON.stringify(groups, undefined, 2));
    else if (groups.length === 0)
      print(problem === undefined ? 'no group was pushed' : 'no group is recorded');
    else {
      const now = systemClock.now();
      const rows = groups.map((group) => toRow(group, { hasGateway, now }));
      print(formatTable(GROUP_COLUMNS, rows, { width: tableWidth(options) }));
    }
    if (problem !== undefined) printError(`the groups at the gateway cannot be listed: ${problem}`);
    return problem === undefined ? 0 : 1;
  });
}

/**
 * `vsweep groups delete <job> <instance>`: at the gateway, then in the state, so that what breaks off between the
 * two is deleted again by the next run. Only what vsweep may have pushed: others push to the same gateway.
 */
export async function groupsDeleteCommand(
  job: string,
  instance: string,
  options: StateOptions & { json: boolean },
): Promise<number> {
  return await withState(options, async ({ state, loaded, signal }) => {
    const gateway = openGateway(loaded, options);
    if (gateway === undefined) {
      const issue =
        loaded.config.push === undefined
          ? { path: 'push', message: 'is missing: the gateway that has the group has to be named there' }
          : { path: 'push.protocol', message: 'is push-only: such a destination keeps no groups to delete' };
      throw new ConfigError(options.config, [issue]);
    }
    const recorded = await state.groups.readAll({ signal });
    const isRecorded = recorded.some((group) => isSame(group, { job, instance }));
    const isOurs = isRecorded || loaded.config.sweeps.some((sweep) => sweep.job === job);
    if (!isOurs) {
      printError(
        `no group ${job}/${instance} was pushed, and no sweep has the job "${job}"; "vsweep groups list" shows all`,
      );
      return 1;
    }
    const sink = createPushgatewaySink({ gateway, groups: state.groups, log: logTo('warn') });
    const isDeleted = await limited(signal, (inTime) => sink.forget({ job, instance }, { signal: inTime }));
    const isConfigured = groupsOf(loaded.config).some((group) => isSame(group, { job, instance }));
    // A record without parts tells the next run that the file of a group nobody configures any more is to be deleted.
    const mayHaveFile = loaded.config.textfile !== undefined && !isConfigured;
    if (isRecorded && !mayHaveFile) await state.groups.remove({ job, instance }, { signal });
    const deleted = isDeleted ? { job, instance } : null;
    if (options.json) print(JSON.stringify({ deleted, isConfigured }));
    else {
      const what = isDeleted ? 'is deleted' : 'is not at the gateway; nothing was deleted';
      print(`${job}/${instance} ${what}${isConfigured ? '; the next run of its sweep pushes it again' : ''}`);
    }
    return 0;
  });
}

const GATEWAY_MS = 30_000;

const limited = <T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> =>
  withTimeLimit({ clock: systemClock, ms: GATEWAY_MS, what: 'asking the Pushgateway', signal }, work);

function openGateway(loaded: LoadedConfig, { verbose }: StateOptions): Pushgateway | undefined {
  return createConfiguredPushgateway({
    loaded,
    // Nobody compares the version of this credential.
    credentials: createCommandCredentials({ env: process.env, versionKey: async () => randomBytes(32) }),
    clock: systemClock,
    log: logTo(verbose ? 'debug' : 'error'),
    random: Math.random,
  });
}

const sayNoGateway = ({ config }: LoadedConfig): string =>
  config.push === undefined
    ? 'the configuration has no section "push"'
    : 'push.protocol is push-only: such a destination keeps no groups';

async function askGateway(
  gateway: Pushgateway | undefined,
  loaded: LoadedConfig,
  signal: AbortSignal,
): Promise<{ atGateway?: readonly GatewayGroup[]; problem?: string }> {
  if (gateway === undefined) return { problem: sayNoGateway(loaded) };
  try {
    const listed = await limited(signal, (inTime) => gateway.list({ signal: inTime }));
    return { atGateway: wholeGroups(listed) };
  } catch (error) {
    signal.throwIfAborted();
    return { problem: messageOf(error) };
  }
}
