const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The JSON of a request's bytes; undefined when they are none. JSON has no undefined of its own. */
export function parseMessage(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    return undefined;
  }
}
