import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { createTemporaryFolder } from '../test/support/peers/temporary-folder.ts';
import type { FirstSweep } from './clients/first-sweep.ts';
import { nodeClient, runClient, startSimulatedFleet } from './processes.ts';
import { usageOf } from './sandbox-usage.ts';
import { writeSweepFolder } from './sweep-folder.ts';

/**
 * The first run of a minute over `--hosts` (5,000) that nobody knows yet, by real ssh: host keys are seen and pinned,
 * each login has its attempt on record, waves double. Says what the process took of the processor and what the simulated
 * hosts took, which are one process on the same machine. Exits with 1 when a host was not asked.
 */
const { values } = parseArgs({ options: { hosts: { type: 'string', default: '5000' } } });
const hosts = Number(values.hosts);
await using fleet = await startSimulatedFleet({ hosts, network: 68, commandDelayMs: 0, withSsh: true });
await using folder = await createTemporaryFolder('first-run');
await writeSweepFolder(folder.path, fleet.fleet);
const before = usageOf(fleet.pid).cpuSeconds;
const run = await runClient<FirstSweep>(nodeClient('first-sweep.ts', { folder: folder.path }));
const peerMs = (usageOf(fleet.pid).cpuSeconds - before) * 1_000;
const each = (ms: number) => `${(ms / 1_000).toFixed(1)} s (${(ms / hosts).toFixed(2)} ms a host)`;
console.log(`${hosts} hosts in ${(run.ms / 1_000).toFixed(1)} s: ${JSON.stringify(run.reasons)}`);
console.log(`processor: vsweep ${each(run.cpuMs)}, simulated hosts and vCenter ${each(peerMs)}`);
console.log(`peak memory of vsweep: ${(run.rssMb ?? 0).toFixed(0)} MB; load: ${loadavg()[0]?.toFixed(1)}`);
process.exitCode = run.reasons['ok'] === hosts ? 0 : 1;
