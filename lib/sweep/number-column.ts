/** A column that grows. */
export interface NumberColumn {
  readonly length: number;
  push(value: number): void;
  /** All of them, in an array of just their size. */
  toArray(): number[];
}

type Numbers = Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;
const FIRST_LENGTH = 64;

/**
 * Filled outside of V8's heap, and without a rest when it grows: an array of JavaScript leaves twice its size behind, and
 * what a batch fills in seconds is old by then, so that it lies about until the whole heap is collected.
 */
function createColumn<Made extends Numbers>(make: (of: number | ArrayBuffer) => Made): NumberColumn {
  let numbers = make(FIRST_LENGTH);
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(value) {
      if (length === numbers.length) numbers = make(numbers.buffer.transfer(2 * numbers.byteLength));
      numbers[length] = value;
      length += 1;
    },
    toArray() {
      // In a loop: Array.from takes six times as long.
      const all = new Array<number>(length);
      for (let index = 0; index < length; index += 1) all[index] = numbers[index] as number;
      return all;
    },
  };
}

/** Of whole numbers from 0 to 4,294,967,295. */
export const placesColumn = (): NumberColumn => createColumn((of) => new Uint32Array(of as number));

export const valuesColumn = (): NumberColumn => createColumn((of) => new Float64Array(of as number));
