import { WORD_TABLE } from './word-table.ts';

let known: ReadonlyMap<string, readonly string[]> | undefined;

/** The words that a value of an enumeration can be; undefined for a type that is none, or that is not in the table. */
export function enumWords(type: string): readonly string[] | undefined {
  known ??= new Map(
    WORD_TABLE.trim()
      .split('\n')
      .map((line) => {
        const [name = '', ...words] = line.split(' ');
        return [name, words];
      }),
  );
  return known.get(type);
}
