/** `1 host`, `2 hosts`: of a word whose plural takes an s. */
export const printCount = (count: number, what: string): string =>
  `${count} ${what}${count === 1 ? '' : 's'}`;
