declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** A DynamoDB on LevelDB, without `path` in memory. `close` waits for running operations and closes the files. */
  export default function dynalite(options: { path?: string; createTableMs: number }): Server;
}
