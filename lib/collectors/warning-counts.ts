/** A warning and on how many hosts it was given. */
export interface WarningCount {
  readonly text: string;
  readonly count: number;
}

const MAX_TEXTS = 20;
const MAX_LENGTH = 300;
const FURTHER = 'further warnings';

/** Counts equal warnings. Bounded, because a text may quote what a host sent: 20 texts of 300 characters. */
export function createWarningCounts(): { add(text: string): void; list(): WarningCount[] } {
  const counts = new Map<string, number>();
  return {
    add(text) {
      const cut = text.slice(0, MAX_LENGTH);
      const key = counts.has(cut) || counts.size < MAX_TEXTS ? cut : FURTHER;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    },
    list: () => Array.from(counts, ([text, count]) => ({ text, count })),
  };
}
