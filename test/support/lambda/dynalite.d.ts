declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** DynamoDB's protocol in memory. `close` waits for running operations. */
  export default function dynalite(options: { createTableMs: number }): Server;
}
