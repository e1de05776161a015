import '../../lib/platform/interpreted-schemas.ts';
import { ConfigError } from '../../lib/config/errors.ts';
import { systemClock } from '../../lib/platform/clock.ts';
import { keepYoungGenerationSmall } from '../../lib/platform/young-generation.ts';
import { createFunctionLog } from '../function-log.ts';
import { withReadableStack } from '../readable-stack.ts';
import { createContainer } from './container.ts';
import { serveHealth } from './health.ts';
import { runTask } from './run-task.ts';

/** What no restart mends. For ECS a code says nothing: such a process never answers the health check. */
const FAULTY = 2;
/** What a restart may mend. */
const FAILED = 1;

/** The process of the task: ends with code 0 when ECS stops it, which leaves it 30 s (cdk/deployed-task.ts). */
async function main(): Promise<void> {
  keepYoungGenerationSmall();
  const stopping = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const)
    process.once(name, () => stopping.abort(new Error('stopped by a signal')));
  const container = createContainer(process.env);
  await using _answering = await serveHealth(container.healthPort);
  await runTask(container, stopping);
}

main().catch((thrown: unknown) => {
  const error = withReadableStack(thrown);
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  const log = createFunctionLog({ service: 'task', clock: systemClock });
  log.error('the task ends', {
    error: `${name}: ${message}`,
    ...(error instanceof ConfigError ? {} : { stack }),
  });
  // A run that is stuck would keep the process alive.
  process.exit(error instanceof ConfigError ? FAULTY : FAILED);
});
