import { queryHostVsanStatus } from '../vsphere/vsan/host-vsan-status.ts';
import { PollError } from './errors.ts';
import { requireObject } from './find-object.ts';
import type { PollMethod } from './method.ts';
import { toPollResult } from './poll-result.ts';
import { RUNNING_PATHS, requireRunning } from './running-object.ts';
import type { Subject } from './subject.ts';

/** How a host sees its vSAN cluster; not the vSAN health service. */
export function vsanHealthMethod(subject: Subject): PollMethod {
  return {
    name: 'vsan.health.get',
    summary: 'health of the vSAN cluster as one host reports it: healthy, unhealthy or unknown',
    requiredKeys: ['name'],
    successMessage: 'Successfully retrieved object properties',
    async run(session, request, { signal }) {
      const paths = ['name', ...RUNNING_PATHS];
      const host = await requireObject(session, request, { subject, paths }, { signal });
      requireRunning(host, { called: 'Host', purpose: 'VSAN health state' });
      const status = await queryHostVsanStatus(session, host.moref, { signal });
      if (status === undefined) {
        throw new PollError(`${request.name} has no vSAN system`, { code: 'unavailable' });
      }
      const { uuid, nodeUuid, health } = status;
      return [{ ...toPollResult(host, ['name']), uuid: uuid ?? null, nodeUuid: nodeUuid ?? null, health }];
    },
  };
}
