import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { MetricDefinition } from '../metrics/family.ts';
import type { GatewayObserver } from '../poll/gateway/tell-endings.ts';
import type { LinkObserver } from '../vsphere/session/link.ts';
import { VERSION } from './version.ts';

const BUILD: MetricDefinition = {
  name: 'vsweep_build_info',
  help: '1; the version of vsweep that runs',
  labels: ['version'],
};
const REQUESTS: MetricDefinition = {
  name: 'vsweep_vcenter_requests_total',
  help: 'Requests that this process sent to a target, repeated ones included',
  labels: ['target'],
};
const SESSIONS: MetricDefinition = {
  name: 'vsweep_vcenter_sessions',
  help: 'Connections with a session, or on the way to one, that this process has open to a target',
  labels: ['target'],
};
const POLLS: MetricDefinition = {
  name: 'vsweep_polls_total',
  help: 'Requests of vPoller clients that this gateway answered, by outcome: ok or failed',
  labels: ['outcome'],
};
const CONNECTIONS: MetricDefinition = {
  name: 'vsweep_gateway_connections',
  help: 'Connections of clients that this gateway has open, those of management included',
  labels: [],
};
const DISCONNECTS: MetricDefinition = {
  name: 'vsweep_gateway_disconnects_total',
  help: 'Connections of clients that this gateway ended, by reason',
  labels: ['reason'],
};

/** What a process says of itself; docs/metrics.md has the same. */
export const PROCESS_METRICS: readonly MetricDefinition[] = [
  BUILD,
  REQUESTS,
  SESSIONS,
  POLLS,
  CONNECTIONS,
  DISCONNECTS,
];

/** What a process that lives on tells of itself on `/metrics`, beside what Node and the system say of any process. */
export interface ProcessMetrics {
  /** Exposition text of now. */
  text(): Promise<string>;
  readonly observe: LinkObserver;
  countPoll(isOk: boolean): void;
  /** Of a gateway; called first, it adds the metrics of its connections. */
  observeClients(): GatewayObserver;
}

export function createProcessMetrics(): ProcessMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const of = ({ name, help, labels }: MetricDefinition) => ({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
  });
  new Gauge(of(BUILD)).set({ version: VERSION }, 1);
  const requests = new Counter(of(REQUESTS));
  const sessions = new Gauge(of(SESSIONS));
  const polls = new Counter(of(POLLS));
  return {
    text: () => registry.metrics(),
    observe: {
      called: (target) => requests.inc({ target }),
      opened: (target) => sessions.inc({ target }),
      closed: (target) => sessions.dec({ target }),
    },
    countPoll: (isOk) => polls.inc({ outcome: isOk ? 'ok' : 'failed' }),
    observeClients() {
      const connections = new Gauge(of(CONNECTIONS));
      const disconnects = new Counter(of(DISCONNECTS));
      return {
        connected: () => connections.inc(),
        disconnected: () => connections.dec(),
        ended: (reason) => disconnects.inc({ reason }),
      };
    },
  };
}
