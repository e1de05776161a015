declare module 'snappyjs' {
  /** Snappy's block format (https://github.com/google/snappy/blob/main/format_description.txt), without framing. */
  export function compress(bytes: Uint8Array): Uint8Array;
  /** Throws an Error for what is no such block, or holds more than `maxLength` bytes. */
  export function uncompress(bytes: Uint8Array, maxLength?: number): Uint8Array;
}
