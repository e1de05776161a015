import type { Sink } from '../sink.ts';
import type { Exporter } from './exporter.ts';

/** `/metrics` as a sink. It shows what this process found, so it asks for no lease: another run has its own process. */
export const exporterSink = (exporter: Pick<Exporter, 'publish' | 'withdraw'>): Sink => ({
  name: 'exporter',
  async deliver({ group, families, validUntil }) {
    exporter.publish(keyOf(group), { families, validUntil });
    return 'delivered';
  },
  async forget(group) {
    return exporter.withdraw(keyOf(group));
  },
});

const keyOf = ({ job, instance }: { job: string; instance: string }) => `${job}/${instance}`;
