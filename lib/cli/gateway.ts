import { systemClock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { Polls } from '../poll/answer-poll.ts';
import type { ManagedRole } from '../poll/gateway/manage.ts';
import { createExporter } from '../sinks/exporter/exporter.ts';
import type { ListenAddress } from '../sinks/exporter/listen.ts';
import { openContainer } from './container.ts';
import { openLambdaPolls } from './lambda-polls.ts';
import { loadConfig } from './load-config.ts';
import { createProcessMetrics, type ProcessMetrics } from './process-metrics.ts';
import { quietOnceStopped } from './quiet-log.ts';
import { abortOnSignals, logTo, printError } from './terminal.ts';
import { VERSION } from './version.ts';

export interface GatewayCommandOptions {
  readonly config: string;
  readonly listen: string;
  readonly manage: readonly ManagedEndpoint[];
  /** Milliseconds. */
  readonly timeout: number;
  readonly allowShutdown: boolean;
  /** Whether it may listen where other machines reach it. */
  readonly insecure: boolean;
  readonly lambda?: string;
  /** Where `/metrics` is served. */
  readonly metrics?: ListenAddress;
  readonly verbose: boolean;
}

export interface ManagedEndpoint {
  readonly role: ManagedRole;
  readonly endpoint: string;
}

/** `vsweep gateway`: answers vPoller's clients until a signal, or a client that may, ends it. Answers the exit code. */
export async function gatewayCommand(options: GatewayCommandOptions): Promise<number> {
  const exposed = [options.listen, ...options.manage.map(({ endpoint }) => endpoint)].filter(
    (endpoint) => !isLoopback(endpoint),
  );
  const [first] = exposed;
  if (first !== undefined && !options.insecure) {
    printError(
      `${first} can be reached from other machines, and vPoller's protocol has no authentication or encryption. ` +
        'Listen on tcp://127.0.0.1:10123 behind a tunnel, or add --insecure and restrict access by a firewall',
    );
    return 2;
  }
  // The others start without it.
  const { openGateway } = await import('../poll/gateway/gateway.ts');
  using signals = abortOnSignals();
  const log = quietOnceStopped(logTo(options.verbose ? 'debug' : 'info'), signals);
  const { listen, manage, timeout: timeoutMs, allowShutdown } = options;
  for (const endpoint of exposed)
    log.warn(
      "vPoller's protocol has no authentication or encryption: everybody who can reach this endpoint can read every target and guest password in transit, and can have this process log in to hosts by ssh. Restrict it by a firewall",
      { endpoint },
    );
  const ofProcess = createProcessMetrics();
  await using resources = new AsyncDisposableStack();
  if (options.metrics !== undefined) {
    const exporter = resources.use(createProcessExporter(options.metrics, ofProcess, log));
    log.info(`serving ${(await exporter.start(signals)).url}`);
  }
  await using opened = await openPolls(options, { log, observe: ofProcess.observe }, signals);
  await using gateway = await openGateway(
    { listen, manage, timeoutMs, allowShutdown },
    {
      polls: counted(opened.polls, ofProcess),
      clock: systemClock,
      log,
      observe: ofProcess.observeClients(),
    },
    signals,
  );
  log.info('answering', { endpoint: gateway.listen, by: options.lambda ?? 'this process' });
  gateway.manage.forEach((endpoint, index) => {
    log.info('answering management requests', { endpoint, as: manage[index]?.role });
  });
  await gateway.done;
  return 0;
}

/** A gateway sweeps nothing: it has only itself to tell of. */
const createProcessExporter = (listen: ListenAddress, { text }: ProcessMetrics, log: Log) =>
  createExporter({
    listen,
    clock: systemClock,
    log,
    status: () => ({ version: VERSION, sweeps: [] }),
    processText: text,
  });

const counted = (
  polls: Pick<Polls, 'answer'>,
  { countPoll }: Pick<ProcessMetrics, 'countPoll'>,
): Pick<Polls, 'answer'> => ({
  async answer(message, time) {
    const reply = await polls.answer(message, time);
    countPoll(reply.success === 0);
    return reply;
  },
});

/** Polls that this process or a Lambda function answers, and what goes with them. */
async function openPolls(
  { config, lambda }: GatewayCommandOptions,
  { log, observe }: { log: Log; observe: ProcessMetrics['observe'] },
  { signal }: { signal: AbortSignal },
): Promise<AsyncDisposable & { readonly polls: Pick<Polls, 'answer'> }> {
  if (lambda !== undefined) return openLambdaPolls(lambda, log);
  await using opening = new AsyncDisposableStack();
  const loaded = await loadConfig(config, process.env);
  const container = opening.use(
    await openContainer(
      { loaded, env: process.env, clock: systemClock, log, push: false, observe },
      { signal },
    ),
  );
  const polls = opening.use(container.openPolls('process'));
  const resources = opening.move();
  return { polls, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

const LOOPBACK = /^tcp:\/\/(?:127(?:\.\d{1,3}){3}|localhost|\[::1\]):/;
const isLoopback = (endpoint: string) => LOOPBACK.test(endpoint);
