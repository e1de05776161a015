/** The times of a schedule that is quick: each later than the one before, and neither late nor ahead. */
export function scheduleTimes(): () => string {
  let last = 0;
  return () => {
    last = Math.max(last + 1, Date.now());
    return new Date(last).toISOString();
  };
}
