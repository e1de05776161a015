/** A managed object type that a poll may ask about. */
export interface Subject {
  /** What the names of its methods begin with. */
  readonly prefix: string;
  readonly type: string;
  /** The property by which a request names one object of it. */
  readonly namedBy: 'name' | 'info.url';
}
