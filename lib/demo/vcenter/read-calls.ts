import { reference } from '../../vsphere/soap/soap-request.ts';
import type { XmlElement } from '../../vsphere/soap/unit-builder.ts';
import { retrieveDasRuntimeInfo } from './cluster-runtime.ts';
import { queryDateTime } from './date-time-system.ts';
import type { DemoVcenterHost } from './demo-host.ts';
import type { DemoEstate } from './estate.ts';
import { listProcessesInGuest } from './guest-operations.ts';
import { queryOptions } from './option-manager.ts';
import {
  queryAvailablePerfMetric,
  queryPerf,
  queryPerfProviderSummary,
  type StatisticsContext,
} from './performance-manager.ts';
import { DemoFault } from './soap-answer.ts';
import { queryHostStatus } from './vsan-system.ts';

interface ReadContext extends StatisticsContext {
  readonly hosts: readonly DemoVcenterHost[];
  readonly estate: DemoEstate;
}
type ReadCall = (request: XmlElement, context: ReadContext) => string;

/** The calls that only read and have nothing to do with the session that makes them. */
const READ_CALLS: Readonly<Record<string, ReadCall>> = {
  QueryOptions: (request, { statistics }) => queryOptions(request, statistics),
  QueryPerfProviderSummary: queryPerfProviderSummary,
  QueryAvailablePerfMetric: queryAvailablePerfMetric,
  QueryPerf: queryPerf,
  ListProcessesInGuest: (request, { estate }) => listProcessesInGuest(request, estate),
  GetAlarm: (_request, { inventory }) =>
    [...inventory.values()]
      .filter(({ type }) => type === 'Alarm')
      .map((alarm) => reference('returnval', alarm))
      .join(''),
  QueryDateTime: queryDateTime,
  RetrieveDasAdvancedRuntimeInfo: retrieveDasRuntimeInfo,
  QueryHostStatus: (request, { hosts }) => queryHostStatus(request, hosts),
};

/** Throws DemoFault. */
export function answerRead(request: XmlElement, context: ReadContext): string {
  const call = Object.hasOwn(READ_CALLS, request.name) ? READ_CALLS[request.name] : undefined;
  if (call === undefined) {
    throw new DemoFault('NotImplemented', `The demo does not know ${request.name}`);
  }
  return call(request, context);
}
