/** What the probe found for one service; the name is the init script's own. */
export interface ServiceReading {
  readonly service: string;
  /** `absent`: the host has no such script. `unknown`: neither its text nor its exit code is understood. */
  readonly state: 'running' | 'stopped' | 'absent' | 'unknown';
}
