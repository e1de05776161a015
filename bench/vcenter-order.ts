/** What a client that reads a vCenter is told. */
export interface VcenterOrder {
  readonly url: string;
  readonly sha256: string;
  readonly username: string;
  readonly password: string;
  /** How many there are. */
  readonly hosts: number;
}
