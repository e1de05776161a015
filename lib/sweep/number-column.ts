/** A column that grows. */
export interface NumberColumn {
  readonly length: number;
  push(value: number): void;
  /** All of them, in an array of just their size; the column is empty then, and its memory is given back. */
  take(): number[];
}

type Numbers = Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;
const FIRST_BYTES = 512;

/**
 * Filled outside of V8's heap, and without a rest when it grows: an array of JavaScript leaves twice its size behind, and
 * what a batch fills in seconds is old by then, so that it lies about until the whole heap is collected.
 */
function createColumn<Made extends Numbers>(make: (of: number | ArrayBuffer) => Made): NumberColumn {
  let numbers = make(0);
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(value) {
      if (length === numbers.length)
        numbers = make(numbers.buffer.transfer(Math.max(FIRST_BYTES, 2 * numbers.byteLength)));
      numbers[length] = value;
      length += 1;
    },
    take() {
      // In a loop: Array.from takes six times as long.
      const all = new Array<number>(length);
      for (let index = 0; index < length; index += 1) all[index] = numbers[index] as number;
      numbers = make(numbers.buffer.transfer(0));
      length = 0;
      return all;
    },
  };
}

/** Of whole numbers from 0 to 4,294,967,295. */
export const placesColumn = (): NumberColumn => createColumn((of) => new Uint32Array(of as number));

export const valuesColumn = (): NumberColumn => createColumn((of) => new Float64Array(of as number));
