/**
 * Why bytes are not XML, or more of it than is taken. The reader above it knows what was read and makes the
 * VsphereReplyError of it.
 */
export class XmlError extends Error {
  readonly code: 'malformed' | 'truncated' | 'too-large';

  constructor(code: XmlError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

export function malformed(why: string): XmlError {
  return new XmlError('malformed', why);
}
