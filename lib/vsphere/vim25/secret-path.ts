/**
 * Properties in which passwords, keys or notes of people stand. `extraConfig` and `vAppConfig` hold what the guest is
 * given at its first start (`guestinfo.*`, OVF properties); an iSCSI adapter has the secret of CHAP, a management
 * processor its password (HostIpmiInfo), an annotation whatever somebody noted.
 */
const SECRET_NAMES =
  /^(?:extraConfig|vAppConfig|annotation|ipmi|.*(?:password|passwd|secret|privateKey|sessionId|sessionKey|licenseKey|thumbprintKey|ticket|token).*)$/i;

/** The part of a property path that may hold a secret; undefined for a path that may be a metric or a label. */
export const secretIn = (path: string): string | undefined =>
  path
    .replaceAll(/\["?[^\]]*\]/g, '')
    .split('.')
    .find((name) => SECRET_NAMES.test(name));
