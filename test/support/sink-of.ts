import { silentLog } from '../../lib/platform/log.ts';
import type { Pushgateway } from '../../lib/sinks/pushgateway/client.ts';
import { createPushgatewaySink } from '../../lib/sinks/pushgateway/pushgateway-sink.ts';
import type { Sink } from '../../lib/sinks/sink.ts';

/** A Pushgateway's sink that records no groups. */
export const sinkOf = (gateway: Pick<Pushgateway, 'put' | 'delete'>): Sink =>
  createPushgatewaySink({
    gateway: { list: async () => [], ...gateway },
    log: silentLog,
    groups: {
      record: async () => ({ split: 1, parts: [''] }),
      read: async () => undefined,
      change: async () => undefined,
    },
  });
