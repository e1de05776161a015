/** How fast something grew, with the half of its 95 % interval; both an hour. */
export interface Slope {
  readonly perHour: number;
  readonly halfWidth: number;
}

/** Two-sided 95 % of Student's t by degrees of freedom, from 1 on; beyond the last one as there. */
const STUDENT = [12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23];
const BLOCKS = 10;

/**
 * Least squares through the means of ten equal blocks of time. Neighbouring samples are of the same collection and tell
 * nothing new, so an interval over all of them would be far too narrow; blocks of minutes hardly know each other.
 */
export function slopeOf(points: readonly { readonly minute: number; readonly value: number }[]): Slope {
  const size = Math.floor(points.length / BLOCKS);
  if (size === 0) return { perHour: Number.NaN, halfWidth: Number.POSITIVE_INFINITY };
  const blocks = Array.from({ length: BLOCKS }, (_, n) => points.slice(n * size, (n + 1) * size));
  const hours = blocks.map((block) => mean(block.map(({ minute }) => minute)) / 60);
  const values = blocks.map((block) => mean(block.map(({ value }) => value)));
  const [meanHour, meanValue] = [mean(hours), mean(values)];
  const spread = sum(hours.map((hour) => (hour - meanHour) ** 2));
  const rise = sum(hours.map((hour, n) => (hour - meanHour) * ((values[n] ?? 0) - meanValue)));
  const perHour = rise / spread;
  const residuals = values.map((value, n) => value - meanValue - perHour * ((hours[n] ?? 0) - meanHour));
  const freedom = BLOCKS - 2;
  const error = Math.sqrt(sum(residuals.map((one) => one ** 2)) / freedom / spread);
  return { perHour, halfWidth: error * (STUDENT[freedom - 1] ?? 2.23) };
}

/** Against a limit an hour. `unclear`: the noise is greater than what is asked, so a longer time has to tell. */
export function verdictOn({ perHour, halfWidth }: Slope, limit: number): 'flat' | 'grows' | 'unclear' {
  if (perHour + halfWidth <= limit) return 'flat';
  return perHour - halfWidth > limit ? 'grows' : 'unclear';
}

const sum = (values: readonly number[]): number => values.reduce((total, one) => total + one, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
