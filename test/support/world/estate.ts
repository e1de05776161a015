import { KNOWN_COLLECTORS } from '../../../lib/collectors/known-collectors.ts';
import { parseConfig } from '../../../lib/config/parse-config.ts';

/** Whether hosts know the account themselves, or all ask one directory. */
export type PrincipalKind = 'local' | 'domain';

/** Whether an account that the hosts ask a directory for is also the one of vCenters and of the API of a host. */
export type ApiAccounts = 'own' | 'directory';

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

interface Accounts {
  readonly kind: PrincipalKind;
  readonly api?: ApiAccounts | undefined;
}

const parsed = new Map<string, ReturnType<typeof parse>>();

/** Two sweeps over two vCenters and a standalone host; one of them asks by ssh, and with `checks` a third, rarer one. */
export function configOf(
  accounts: Accounts,
  scope: 'host' | 'domain' = accounts.kind === 'domain' ? 'domain' : 'host',
  checks = false,
) {
  const key = `${accounts.kind} ${accounts.api} ${scope} ${checks}`;
  const config = parsed.get(key) ?? parse(accounts, scope, checks);
  parsed.set(key, config);
  return config;
}

const parse = ({ kind, api = 'own' }: Accounts, scope: 'host' | 'domain', checks: boolean) =>
  parseConfig(
    JSON.stringify({
      targets: [
        ...VCENTERS.map((name) => ({ name, credentials: { secret: 'vcenter' } })),
        { name: STANDALONE, credentials: { secret: kind === 'domain' && api === 'own' ? 'alone' : 'esxi' } },
      ],
      esxi: { credentials: { secret: 'esxi', scope } },
      blacklist: { minutes: BLACKLIST_MINUTES },
      sweeps: [
        { name: 'services', every: '1m', collectors: ['overall-status', 'ssh-services'] },
        { name: 'status', every: '1m', collectors: ['overall-status'] },
        ...(checks ? [{ name: 'checks', every: '15m', collectors: ['ssh-services'] }] : []),
      ],
    }),
    { file: 'test', collectors: KNOWN_COLLECTORS },
  );
