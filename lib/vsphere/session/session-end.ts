/**
 * A session says in its User-Agent by when it is over, as `vsweep/0.1.0 (until 2026-11-25T18:30:00Z)`: vCenter shows
 * that to administrators, and it is how a later run knows that nobody uses the session any more (ADR 0012). One that
 * is held without an end says nothing.
 */
const MARKED = /^vsweep\/\S+ \(until (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)\)$/;

/** `endsAt`: milliseconds since the epoch, rounded up to the second. */
export function withEnd(userAgent: string, endsAt: number | undefined): string {
  if (endsAt === undefined) return userAgent;
  const seconds = new Date(Math.ceil(endsAt / 1_000) * 1_000).toISOString().replace('.000Z', 'Z');
  return `${userAgent} (until ${seconds})`;
}

/** When a session of vsweep is over by its own word; undefined for any other client, and for one without an end. */
export function endOf(userAgent: string): number | undefined {
  const endsAt = Date.parse(MARKED.exec(userAgent)?.[1] ?? '');
  return Number.isNaN(endsAt) ? undefined : endsAt;
}
