const UNITS = { s: 1_000, m: 60_000, h: 3_600_000 } as const;

export const DURATION = /^(\d{1,6})(s|m|h)$/;

/** Milliseconds of `15s`, `1m`, `2h`; undefined when the text is not of that form. */
export function parseDurationMs(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (match === null) return undefined;
  const unit = match[2] as keyof typeof UNITS;
  return Number(match[1]) * UNITS[unit];
}
