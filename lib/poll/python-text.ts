/**
 * A moment as Python prints it: `2026-01-02T03:04:05.678901Z` is `2026-01-02 03:04:05.678901+00:00`, in UTC, with
 * microseconds unless there are none. What is no moment stays as it is.
 */
export function printPythonTime(iso: string): string {
  const [, day, time, fraction = ''] = MOMENT.exec(iso) ?? [];
  if (day === undefined) return iso;
  const microseconds = fraction.slice(0, 6).padEnd(6, '0');
  return `${day} ${time}${/[1-9]/.test(microseconds) ? `.${microseconds}` : ''}+00:00`;
}

const MOMENT = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d+))?Z$/;
