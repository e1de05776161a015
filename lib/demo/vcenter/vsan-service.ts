import type { XmlElement } from '../../vsphere/soap/soap-reader.ts';
import { textElement } from '../../vsphere/soap/soap-request.ts';
import type { DemoVsan } from './estate.ts';
import { textOf } from './request-fields.ts';

export const VSAN_PATH = '/vsanHealth';

/** What the service at /vsanHealth answers, of the vSAN Management API; a cluster that is not listed has no vSAN. */
const CALLS: Readonly<Record<string, (cluster: DemoVsan) => string>> = {
  VsanClusterGetConfig: () => `<returnval>${textElement('enabled', 'true')}</returnval>`,
  VsanQueryVcClusterHealthSummary: ({ overallHealth, groups }) =>
    `<returnval>${textElement('overallHealth', overallHealth)}${groups.map(toGroup).join('')}</returnval>`,
  VsanQuerySpaceUsage: ({ totalBytes, freeBytes }) =>
    `<returnval>${textElement('totalCapacityB', String(totalBytes))}${textElement('freeCapacityB', String(freeBytes))}</returnval>`,
  QuerySyncingVsanObjectsSummary: ({ resyncBytes, resyncObjects }) =>
    `<returnval>${textElement('totalObjectsToSync', String(resyncObjects))}${textElement('totalBytesToSync', String(resyncBytes))}</returnval>`,
};
export const VSAN_CALLS: ReadonlySet<string> = new Set(Object.keys(CALLS));

const WITHOUT = `<returnval>${textElement('enabled', 'false')}</returnval>`;

export function answerVsan(request: XmlElement, clusters: readonly DemoVsan[]): string {
  const found = clusters.find(({ cluster }) => cluster === textOf(request, 'cluster'));
  return found === undefined ? WITHOUT : (CALLS[request.name]?.(found) ?? '');
}

const PREFIX = 'com.vmware.vsan.health.test.';

const toGroup = ({ id, health, tests }: DemoVsan['groups'][number]): string => {
  const ofTests = Object.entries(tests).map(
    ([test, result]) =>
      `<groupTests>${textElement('testId', PREFIX + test)}${textElement('testHealth', result)}</groupTests>`,
  );
  return `<groups>${textElement('groupId', PREFIX + id)}${textElement('groupHealth', health)}${ofTests.join('')}</groups>`;
};
