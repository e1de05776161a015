import { toPropertyValue } from '../property/property-value.ts';
import type { RetrievalSession } from '../property/retrieval.ts';
import { retrieveProperty } from '../property/retrieve-property.ts';
import type { MoRef, PropertyValue } from '../property/retrieved-object.ts';
import { fieldOf, listOf, moRefOf, textOf } from '../property/value-fields.ts';
import { callForValue } from '../soap/soap-reply.ts';
import { methodCall } from '../soap/soap-request.ts';

/** VsanHostClusterStatus in the vSphere API: how a host sees its vSAN cluster. Not the vSAN health service. */
export interface HostVsanStatus {
  /** Of the cluster; undefined on a host that is in none. */
  readonly uuid: string | undefined;
  readonly nodeUuid: string | undefined;
  /** `healthy`, `unhealthy` or `unknown`. */
  readonly health: string;
  /** `error`, `disabled`, `agent`, `master`, `backup` and others. */
  readonly nodeState: string | undefined;
  readonly memberUuids: readonly string[];
}

/** Asked of the host itself, so it has to be connected. Undefined for a host without a vSAN system. */
export async function queryHostVsanStatus(
  session: RetrievalSession,
  host: MoRef,
  { signal }: { signal: AbortSignal },
): Promise<HostVsanStatus | undefined> {
  const path = 'configManager.vsanSystem';
  const vsanSystem = moRefOf(await retrieveProperty(session, host, path, { signal }));
  if (vsanSystem === undefined) return undefined;
  const status = await callForValue(session.transport, methodCall('QueryHostStatus', vsanSystem), { signal });
  return toHostVsanStatus(status === undefined ? undefined : toPropertyValue(status));
}

export function toHostVsanStatus(value: PropertyValue | undefined): HostVsanStatus {
  return {
    uuid: textOf(fieldOf(value, 'uuid')),
    nodeUuid: textOf(fieldOf(value, 'nodeUuid')),
    health: textOf(fieldOf(value, 'health')) ?? 'unknown',
    nodeState: textOf(fieldOf(fieldOf(value, 'nodeState'), 'state')),
    memberUuids: listOf(fieldOf(value, 'memberUuid')).flatMap((uuid) => textOf(uuid) ?? []),
  };
}
