const SECONDS = /^\d{1,9}$/;

/**
 * What a header `Retry-After` asks for, in milliseconds from `now` on: a number of seconds, or a date
 * (https://www.rfc-editor.org/rfc/rfc9110#field.retry-after). A date that is over is 0; undefined for anything else.
 */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? '';
  if (SECONDS.test(text)) return Number(text) * 1_000;
  // Every date has a time of day; Date.parse takes much that is none.
  const date = text.includes(':') ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
