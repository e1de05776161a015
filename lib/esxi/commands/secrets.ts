import { fieldKey } from '../esxcli/read-output.ts';

/**
 * Commands whose output may hold a secret: communities of SNMP, CHAP of iSCSI, keys of IPsec, accounts, users of NFS 4.1
 * with Kerberos, tokens of smart cards, keys of encryption. They are refused whatever column is wanted, because a message
 * or `vsweep metrics try` could show another one.
 */
const SECRET_COMMANDS =
  /^(?:system snmp|system account|system permission|system security|system settings encryption|system settings kernel|system wbem|system secpolicy|iscsi (?:.* )?auth|iscsi adapter (?:.* )?chap|network ip ipsec|hardware (?:smartcard|tpm|trustedboot)|software sources|storage nfs41 param|storage vvol vasacontext|vsan (?:.* )?(?:encryption|iscsi|dataprotection)|.*\b(?:password|chap|credential|secret|keypersistence)\b)/i;

/** Columns and settings that may hold one; a command line may have a password among its arguments. */
const SECRET_NAMES =
  /passw|passphrase|secret|community|communities|chap|credential|token|privatekey|sharedkey|licensekey|hash\b|snmp|stringvalue|commandline|cmdline/i;

/** Why a command of esxcli is refused for what it may print. */
export function secretOfEsxcli(command: string, options: readonly string[]): string | undefined {
  if (SECRET_COMMANDS.test(command))
    return `"${command}" may print secrets, so it is no source of metrics; choose another command`;
  const setting = options.find((word) => SECRET_NAMES.test(word));
  return setting === undefined
    ? undefined
    : `"${setting}" may be a secret, so it is no source of metrics; choose another one`;
}

/** Whether a column may be no label, by its name as rows have it. */
export const isSecretColumn = (name: string): boolean =>
  SECRET_NAMES.test(fieldKey(name).replaceAll(/[^a-z]/g, ''));
