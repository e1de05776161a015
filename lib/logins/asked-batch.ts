import type { Doubt } from './rules/domain-account.ts';
import type { SeenAccount } from './rules/seen-account.ts';

/** A host as its logins see it. */
export interface LoginHost {
  readonly moref: string;
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** The pinned key. */
  readonly hostKey?: { readonly type: string; readonly blob: string } | undefined;
  readonly ssh: 'try' | { readonly skip: string; readonly why?: string };
  /** The account was accepted here with this very version, and nothing happened since. */
  readonly proven: boolean;
  /** Of the one account of a domain. */
  readonly doubtful?: Doubt;
  readonly account: SeenAccount;
}

/**
 * How a login ended whose credential was sent; `presumed`: it was cut off or late while the worker itself was stalled,
 * so it may have been refused, and says nothing of the credential. `unrecorded` ones could not be written.
 */
export const LOGIN_ENDS = ['accepted', 'refused', 'unrecorded', 'presumed', 'presumed-unrecorded'] as const;
export type LoginEnd = (typeof LOGIN_ENDS)[number];

/**
 * How hosts are asked after a lost worker: one at a time, each marked while it is dialled. `slice`: some that were asked
 * together; `alone`: one at which a worker ended, whose mark stays until it answers.
 */
export const CARES = ['slice', 'alone'] as const;
export type AskedWithCare = (typeof CARES)[number];

/** Hosts that were handed to a worker, and how their logins ended. */
export interface AskedBatch<Host extends LoginHost = LoginHost> {
  readonly batch: number;
  readonly hosts: readonly Host[];
  readonly result: PromiseSettledResult<{ readonly logins: readonly (readonly [string, LoginEnd])[] }>;
  /** A worker may have begun with it, whatever became of that. */
  readonly started: boolean;
  readonly care?: AskedWithCare;
}

/** How each login of a batch ended that was or may have been made; of a `lost` one nobody knows. */
export function seenLogins<Host extends LoginHost>({
  hosts,
  result,
  started,
}: AskedBatch<Host>): { readonly host: Host; readonly end: LoginEnd | 'lost' }[] {
  if (result.status === 'rejected') {
    return hosts.filter(({ ssh }) => started && ssh === 'try').map((host) => ({ host, end: 'lost' }));
  }
  const byMoref = new Map(hosts.map((host) => [host.moref, host]));
  return result.value.logins.flatMap(([moref, end]) => {
    const host = byMoref.get(moref);
    return host === undefined ? [] : [{ host, end }];
  });
}
