import { KNOWN_COLLECTORS } from '../../../lib/collectors/known-collectors.ts';
import { parseConfig } from '../../../lib/config/parse-config.ts';

/** Whether hosts know the account themselves, or all ask one directory. */
export type PrincipalKind = 'local' | 'domain';

export const HOSTS_PER_VCENTER = 4;
export const BLACKLIST_MINUTES = 20;
export const VCENTERS = ['vc01', 'vc02'] as const;
/** An ESXi host that is a target by itself, and asked by ssh as well. */
export const STANDALONE = 'alone';

export const hostsOf = (target: string): readonly string[] =>
  target === STANDALONE
    ? [STANDALONE]
    : Array.from({ length: HOSTS_PER_VCENTER }, (_, index) => `${target}-esx${index}`);

export const ALL_TARGETS = [...VCENTERS, STANDALONE];
export const ALL_HOSTS = ALL_TARGETS.flatMap(hostsOf);

/** Two sweeps over two vCenters and a standalone host; one of them asks by ssh. */
export const configOf = (
  kind: PrincipalKind,
  scope: 'host' | 'domain' = kind === 'domain' ? 'domain' : 'host',
) =>
  parseConfig(
    JSON.stringify({
      targets: [
        ...VCENTERS.map((name) => ({ name, credentials: { secret: 'vcenter' } })),
        { name: STANDALONE, credentials: { secret: kind === 'domain' ? 'alone' : 'esxi' } },
      ],
      esxi: { credentials: { secret: 'esxi', scope } },
      blacklist: { minutes: BLACKLIST_MINUTES },
      sweeps: [
        { name: 'services', every: '1m', collectors: ['overall-status', 'ssh-services'] },
        { name: 'status', every: '1m', collectors: ['overall-status'] },
      ],
    }),
    { file: 'test', collectors: KNOWN_COLLECTORS },
  );
