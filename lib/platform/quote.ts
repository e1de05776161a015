/** A peer's words as they may stand in a message: bounded, in one line and without control characters. */
export function quote(text: string, maxLength = 1_000): string {
  return text
    .slice(0, maxLength)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
}

/** A peer's words, or none at all when they repeat a secret that it was told: a part of one would be too much. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.some((secret) => secret !== '' && text.includes(secret)) ? '' : text;
}

/** As a shell takes it for one word: quoted where it is more than a name to it, as `*` or `DOMAIN\user`. */
export const toShellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
