import type { KnownHosts } from '../../config/known-hosts/find-keys.ts';
import type { EsxiConfig } from '../../config/schema.ts';
import type { ListedHost } from '../../inventory/host.ts';
import { doubtOf } from '../../logins/rules/domain-account.ts';
import { heldBack, type LockoutRules, notBeside } from '../../logins/rules/held-back.ts';
import { MAX_DETAIL_CHARACTERS } from '../../logins/rules/left-alone.ts';
import { PRINCIPAL } from '../../logins/rules/principal.ts';
import { isProven, seenOf, UNKNOWN_ACCOUNT } from '../../logins/rules/seen-account.ts';
import { compareMorefs } from '../../metrics/moref-order.ts';
import type { AccountHistory, HostLimits } from '../../state/stores/account-history.ts';
import { type BatchHost, type LeftAlone, withinContract } from '../batch.ts';
import type { SkippedReason } from '../outcome.ts';
import { normalDial } from './address.ts';
import { trustIn, whyUnknown } from './host-trust.ts';
import { type NetboxPlan, netboxSiteOf } from './netbox-plan.ts';
import { skipBeforeLogins } from './who-is-asked.ts';

/** What the decision about ssh rests on; absent when the sweep does not ssh. */
export interface SshPlan extends LockoutRules {
  readonly target: string;
  readonly esxi: EsxiConfig;
  /** The operator's own word on host keys. */
  readonly knownHosts: KnownHosts;
  /** By address, as the state table has them. */
  readonly accounts: { get(address: string): AccountHistory | undefined };
  /** The limits that this run read, by address. They hold for all of it; of other hosts the stored ones do. */
  readonly limits?: ReadonlyMap<string, HostLimits>;
  /** By `address:port`. */
  readonly hostKeys: ReadonlyMap<string, { readonly type: string; readonly blob: string }>;
  /** Normal addresses that an earlier target of the configuration asks. */
  readonly askedByOthers: ReadonlySet<string>;
  /** Addresses of accounts and `address:port` of keys whose items could not be read: no login is started there. */
  readonly unreadable?: ReadonlySet<string>;
  /** Set when nothing is known of accounts, so no login is started. */
  readonly stateDown: boolean;
  /** Accounts and keys are what this process saw last: hosts without either are not asked. */
  readonly fromMemory?: boolean;
  /** Hosts refuse the credential, or another run tries it at the moment: what the hosts wait for. */
  readonly suspended?: string | undefined;
  /** Another sweep asks the hosts of the target at the moment. */
  readonly busy?: string;
  /** Addresses of accounts at which a worker of another sweep may be, whose turn ended before its batch came back. */
  readonly askedBeside?: ReadonlySet<string>;
}

/** The history that a login on an address counts on. */
export const accountOf = (plan: SshPlan, address: string): AccountHistory | undefined =>
  ownHistoryOf(plan, accountAt(plan, address));

const accountAt = ({ esxi }: SshPlan, address: string) =>
  esxi.credentials.scope === 'domain' ? PRINCIPAL : address;

/** What stands of the host itself: with `scope: domain` beside the one account, on which its logins count as well. */
export const ownHistoryOf = (plan: SshPlan, address: string): AccountHistory | undefined =>
  withLimits(plan.accounts.get(address), plan, address);

/** What stands of an account, with the limits that this run read of its host. */
export const withLimits = (
  history: AccountHistory | undefined,
  { limits }: Pick<SshPlan, 'limits'>,
  address: string,
): AccountHistory | undefined => history && { ...history, ...limits?.get(address) };

const isUnreadable = (plan: SshPlan, { address, port }: { address: string; port: number }): boolean =>
  [accountAt(plan, address), address, `${address}:${port}`].some((key) => plan.unreadable?.has(key) === true);

/** Stands in for an address that is not known; such a host is never dialled. */
const NOT_DIALLED = { address: '', port: 1 };
const NO_CREDENTIAL = { ssh: { skip: 'no-credential' } } as const;

/** For want of a credential nobody is asked; who would not be asked anyway keeps the reason. */
export const withoutCredential = (hosts: readonly BatchHost[]): BatchHost[] =>
  hosts.map((host) => (host.ssh === 'try' ? { ...host, ...NO_CREDENTIAL } : host));

/**
 * Decides for each host whether it is asked by ssh, in the order of morefs. Pure: everything it depends on comes in.
 */
export function planHosts(
  hosts: readonly ListedHost[],
  context: {
    /** The site of a host by its name, when NetBox never gave one. */
    siteOf: (name: string) => string;
    ssh: SshPlan | undefined;
    netbox?: NetboxPlan | undefined;
  },
): BatchHost[] {
  const { siteOf, ssh, netbox } = context;
  const inOrder = hosts.toSorted((a, b) => compareMorefs(a.moref, b.moref));
  const dialled = createDialled();
  const skipKnown = ssh && skipBeforeLogins(hosts, { esxi: ssh.esxi, netbox });
  return inOrder.map((host) => {
    const common = {
      moref: host.moref,
      name: host.name,
      site: netboxSiteOf(netbox, host.moref) ?? siteOf(host.name),
    };
    if (ssh === undefined)
      return withinContract({
        ...common,
        ...NOT_DIALLED,
        ...NO_CREDENTIAL,
        proven: false,
        account: UNKNOWN_ACCOUNT,
      });
    const dial = normalDial(host, ssh.esxi);
    const history = accountOf(ssh, dial.address);
    const own = ownHistoryOf(ssh, dial.address);
    const proven = isProven(history, ssh.credentialVersion);
    const isOfDomain = ssh.esxi.credentials.scope === 'domain';
    const doubtful = isOfDomain ? doubtOf(own) : undefined;
    const hostKey = ssh.hostKeys.get(`${dial.address}:${dial.port}`);
    const trust = ssh.knownHosts.isFound(dial)
      ? trustIn(
          { inFile: ssh.knownHosts.find(dial), pinned: hostKey },
          { rules: ssh.esxi.hostKeys, now: ssh.now },
        )
      : undefined;
    const isUnknown =
      ssh.stateDown || isUnreadable(ssh, dial) || (ssh.fromMemory && !(proven && trust?.kind === 'known'));
    const skip =
      skipKnown?.(host) ??
      (ssh.askedByOthers.has(dial.address) ? 'other-target' : undefined) ??
      (ssh.busy === undefined ? undefined : ({ skip: 'other-process', why: ssh.busy } as const)) ??
      (ssh.askedBeside?.has(accountAt(ssh, dial.address)) ? ASKED_BESIDE : undefined) ??
      (isUnknown ? 'state' : undefined) ??
      (trust === undefined ? notLookedUp(ssh.knownHosts) : undefined) ??
      (trust?.kind === 'unknown' ? withoutKey(trust, { ...dial, target: ssh.target }) : undefined) ??
      (ssh.suspended === undefined ? undefined : suspendedFor(ssh.suspended)) ??
      heldBack(own, ssh) ??
      dialled.skip(dial, isOfDomain ? doubtful === undefined : proven);
    return withinContract({
      ...common,
      ...dial,
      ...(hostKey === undefined ? {} : { hostKey: { type: hostKey.type, blob: hostKey.blob } }),
      ssh: toSsh(skip),
      proven,
      ...(doubtful === undefined ? {} : { doubtful }),
      account: seenOf(history),
    });
  });
}

function toSsh(skip: SkippedReason | LeftAlone | undefined): BatchHost['ssh'] {
  if (skip === undefined) return 'try';
  if (typeof skip === 'string') return { skip };
  return skip.why === undefined ? skip : { ...skip, why: skip.why.slice(0, MAX_DETAIL_CHARACTERS) };
}

const withoutKey = (...of: Parameters<typeof whyUnknown>): LeftAlone => ({
  skip: 'hostkey-unknown',
  why: whyUnknown(...of),
});

const notLookedUp = ({ searched }: KnownHosts): LeftAlone => ({
  skip: 'deadline',
  why:
    `no login was tried: esxi.hostKeys.file has ${searched} lines with hashed names or wildcards, and comparing every host with each of them took too long. The next run continues. ` +
    'Replace them by plain names, as this prints them: vsweep hostkey scan --known-hosts',
});

const ASKED_BESIDE: LeftAlone = {
  skip: 'other-process',
  why:
    'no login was tried: a run of another sweep that ended or hangs may still be connected to this host. It is asked again ' +
    'when the lease of that run has ended ("vsweep lease list"). If that run is dead: vsweep lease release <sweep> <target> --run-is-dead',
};

const suspendedFor = (why: string): LeftAlone => ({ skip: 'suspended', why });

/**
 * Hosts that share an address share its budget of refusals, and all hosts of a batch log in at once: of those where
 * the account is not proven only the first is tried in a run, where it is the first before the others
 * (`sendByAddress`), and one endpoint is dialled once.
 */
function createDialled() {
  const endpoints = new Set<string>();
  const unproven = new Set<string>();
  return {
    skip(
      { address, port }: { address: string; port: number },
      proven: boolean,
    ): SkippedReason | LeftAlone | undefined {
      const endpoint = `${address}:${port}`;
      if (endpoints.has(endpoint)) return 'other-target';
      if (!proven && unproven.has(address)) return notBeside({ address });
      endpoints.add(endpoint);
      if (!proven) unproven.add(address);
      return undefined;
    },
  };
}
