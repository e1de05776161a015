import { openSync } from 'node:fs';
import { connectTcp } from '../../../lib/esxi/connect-tcp.ts';

/** Takes every file descriptor that the process may have, connects, and prints how that failed. */
const [, , host = '', port = ''] = process.argv;
const { signal } = new AbortController();
process.stdout.write(''); // opens standard output before there is no descriptor left for it
try {
  for (;;) openSync('/dev/null', 'r');
} catch {
  // None is left.
}
const failure = await connectTcp({ host, port: Number(port) }, {}, { signal }).then(
  () => ({ name: 'connected', code: undefined }),
  ({ name, code }) => ({ name, code }),
);
process.stdout.write(JSON.stringify(failure));
process.exit();
