/** A request that has the account of a guest's own system in it; null, an empty text and C's `(null)` are none. */
export function holdsGuestCredentials(message: unknown): boolean {
  if (typeof message !== 'object' || message === null) return false;
  const { username, password }: { username?: unknown; password?: unknown } = message;
  return [username, password].some((value) => !NOTHING.has(value));
}

const NOTHING: ReadonlySet<unknown> = new Set([undefined, null, '', '(null)']);
