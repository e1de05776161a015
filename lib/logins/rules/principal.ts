/** The one address of an account with `scope: domain`: everything that asks the directory counts on it together. */
export const PRINCIPAL = '*';

/** vCenter's own users, which no directory knows: its single sign-on keeps their counter, for itself. */
const SSO_DOMAIN = 'vsphere.local';

/**
 * The name by which a directory's account is counted: `CORP\name`, `name@corp.example` and `name` are taken for one
 * account, because nobody here knows which NetBIOS name belongs to which domain. Accounts of one name in two domains
 * share a budget then, which costs a look and locks nobody.
 */
export function principalOf(username: string): string {
  const name = username.slice(username.lastIndexOf('\\') + 1);
  return (name.split('@')[0] || username).toLowerCase();
}

/** Whether a name says that a directory holds the account: it has a domain, which is not vCenter's own. */
export function isOfDirectory(username: string): boolean {
  const domain = /(.+)\\./.exec(username)?.[1] ?? /.@(.+)/.exec(username)?.[1];
  return domain !== undefined && domain.toLowerCase() !== SSO_DOMAIN;
}

/** The credential for ssh as a run is fixed on it: without its secret, which workers read themselves. */
export interface SshCredential {
  readonly id: string;
  readonly version: string;
  readonly username: string;
  readonly scope: 'host' | 'domain';
}

/** By which name a login by ssh counts. */
export const sshUser = ({ username, scope }: Pick<SshCredential, 'username' | 'scope'>): string =>
  scope === 'domain' ? principalOf(username) : username;

/** On which account and address a login by ssh counts. */
export const sshAccount = (
  of: Pick<SshCredential, 'username' | 'scope'>,
  address: string,
): { user: string; address: string } => ({
  user: sshUser(of),
  address: of.scope === 'domain' ? PRINCIPAL : address,
});
