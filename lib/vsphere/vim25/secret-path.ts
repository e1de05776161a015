/**
 * Properties in which passwords, keys or notes of people stand. `extraConfig` and `vAppConfig` hold what the guest is
 * given at its first start (`guestinfo.*`, OVF properties); an iSCSI adapter has the secret of CHAP, a management
 * processor its password (HostIpmiInfo), an annotation whatever somebody noted.
 */
const SECRET_NAMES =
  /^(?:extraConfig|vAppConfig|annotation|ipmi|.*(?:password|passwd|passphrase|secret|community|communities|privateKey|sharedKey|sessionId|sessionKey|licenseKey|thumbprintKey|ticket|token).*)$/is;

/** Settings of ESXi that are rules for passwords, not passwords. */
const RULES = ['Security.PasswordQualityControl', 'Security.PasswordHistory', 'Security.PasswordMaxDays'];

/** A key in brackets, such as the name of an advanced setting; it may have dots in it. */
const KEY = /\["?([^\]]*?)"?\]/g;

/**
 * The part of a property path that may hold a secret, a name or a key in brackets; undefined for a path that may be a
 * metric or a label.
 */
export function secretIn(path: string): string | undefined {
  const names = path.replaceAll(KEY, '').split('.');
  const keys = Array.from(path.matchAll(KEY), ([, key = '']) => key).filter((key) => !RULES.includes(key));
  return [...names, ...keys].find((name) => SECRET_NAMES.test(name));
}
