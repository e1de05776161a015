import { systemClock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { Polls } from '../poll/answer-poll.ts';
import type { ManagedRole } from '../poll/gateway/manage.ts';
import { createExporter } from '../sinks/exporter/exporter.ts';
import type { ListenAddress } from '../sinks/exporter/listen.ts';
import { openContainer } from './container.ts';
import { readGatewayKeys } from './gateway-curve.ts';
import { openLambdaPolls } from './lambda-polls.ts';
import { loadConfig } from './load-config.ts';
import { createProcessMetrics, type ProcessMetrics } from './process-metrics.ts';
import { quietOnceStopped } from './quiet-log.ts';
import { abortOnSignals, logTo } from './terminal.ts';
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
  /** Whether loopback endpoints have CURVE, too. */
  readonly curve: boolean;
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
  // The others start without it.
  const { openGateway } = await import('../poll/gateway/gateway.ts');
  using signals = abortOnSignals();
  const keys = await readGatewayKeys({ ...options, exposed: exposed[0] }, signals);
  const log = quietOnceStopped(logTo(options.verbose ? 'debug' : 'info'), signals);
  const { listen, manage, timeout: timeoutMs, allowShutdown } = options;
  for (const endpoint of keys === undefined ? exposed : [])
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
    {
      listen,
      manage,
      timeoutMs,
      allowShutdown,
      mechanismAt: (endpoint) => (options.curve || !isLoopback(endpoint) ? keys?.newMechanism : undefined),
    },
    {
      polls: counted(opened.polls, ofProcess),
      clock: systemClock,
      log,
      observe: ofProcess.observeClients(),
    },
    signals,
  );
  if (keys !== undefined) log.info('clients need a key', { serverKey: keys.publicKey });
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
      { loaded, env: process.env, clock: systemClock, log, push: false, besideStack: 'sessions', observe },
      { signal },
    ),
  );
  const polls = opening.use(container.openPolls('process'));
  const resources = opening.move();
  return { polls, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

const LOOPBACK = /^tcp:\/\/(?:127(?:\.\d{1,3}){3}|localhost|\[::1\]):/;
export const isLoopback = (endpoint: string) => LOOPBACK.test(endpoint);
