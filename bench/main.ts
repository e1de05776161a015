import { availableParallelism, cpus } from 'node:os';
import { messageOf } from '../lib/platform/errors.ts';
import { type BigVcsim, openBigVcsim } from './big-vcsim.ts';
import { measureBundles } from './groups/bundles.ts';
import { measureInventory } from './groups/inventory.ts';
import { measureOwn } from './groups/own.ts';
import { measureParts } from './groups/parts.ts';
import { measurePolls } from './groups/poll.ts';
import { measurePush } from './groups/push.ts';
import { measureRealSshd } from './groups/real-sshd.ts';
import { measureRemoteWrite } from './groups/remote-write.ts';
import { measureResults } from './groups/results.ts';
import { measureTags } from './groups/tags.ts';
import { measureVcenter } from './groups/vcenter.ts';
import { measureWaitingHosts } from './groups/waiting-hosts.ts';
import { printRows, type Row } from './row.ts';

interface Group {
  readonly title: string;
  measure(bigVcsim: BigVcsim): Promise<Row[]>;
}

/** Each group prints its rows when it is done. */
const GROUPS: Readonly<Record<string, Group>> = {
  ssh: {
    title: 'Simulated sshds that wait 1.3 s before they answer, in a process of their own',
    measure: measureWaitingHosts,
  },
  sshd: { title: 'OpenSSH, with ESXi’s algorithms and a busybox ash', measure: measureRealSshd },
  parts: { title: 'The other parts of a sweep', measure: measureParts },
  push: {
    title: 'The series of 4,000 machines at the real Pushgateway, and at Prometheus',
    measure: measurePush,
  },
  'remote-write': {
    title: '300,000 samples of 5,000 machines for remote write',
    measure: measureRemoteWrite,
  },
  results: { title: 'What workers answer', measure: measureResults },
  tags: {
    title: 'A simulated vCenter of 1,000 hosts and 4,000 virtual machines: a run with tags and one without',
    measure: measureTags,
  },
  own: {
    title:
      'A simulated vCenter of 1,000 hosts and 4,000 virtual machines: own metrics and built-in ones of the same properties',
    measure: measureOwn,
  },
  vcenter: {
    title: 'A vcsim of 1,000 hosts and 4,000 virtual machines, which starts in minutes',
    measure: measureVcenter,
  },
  inventory: {
    title: 'The whole inventory of that vcsim with its counters, by vsweep and by vmware_exporter',
    measure: measureInventory,
  },
  poll: {
    title: 'Polls of that vcsim, by the gateway and by vPoller',
    measure: measurePolls,
  },
  bundles: { title: 'The Lambda functions as they are deployed', measure: measureBundles },
};

const USAGE = `npm run bench [-- --only <${Object.keys(GROUPS).join('|')}>]`;

/** Speed is no test: the exit code is 0 unless something breaks. A group that breaks leaves the others as they are. */
async function main(args: readonly string[]): Promise<number> {
  const [option, only, ...rest] = args;
  const chosen = option === '--only' && only !== undefined ? only.split(',') : Object.keys(GROUPS);
  const known = chosen.every((name) => name in GROUPS);
  if ((option !== undefined && option !== '--only') || rest.length > 0 || !known) {
    console.error(USAGE);
    return 2;
  }
  const processor = cpus()[0]?.model ?? 'unknown processor';
  const date = new Date().toISOString().slice(0, 10);
  console.log(`${processor}, ${availableParallelism()} cores, Node ${process.version}, ${date}\n`);
  await using bigVcsim = openBigVcsim();
  let code = 0;
  for (const name of chosen) {
    const group = GROUPS[name];
    if (group === undefined) continue;
    console.log(`${name}: ${group.title}`);
    try {
      console.log(`${printRows(await group.measure(bigVcsim))}\n`);
    } catch (error) {
      console.error(`${name} failed: ${messageOf(error)}\n`);
      code = 1;
    }
  }
  return code;
}

process.exitCode = await main(process.argv.slice(2));
