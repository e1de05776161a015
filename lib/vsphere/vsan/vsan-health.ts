import type { RetrievalSession } from '../property/retrieval.ts';
import type { MoRef } from '../property/retrieved-object.ts';
import { callForValue } from '../soap/soap-reply.ts';
import { reference, textElement } from '../soap/soap-request.ts';
import type { XmlElement } from '../soap/unit-builder.ts';

/**
 * The vSAN service of a vCenter: SOAP at `/vsanHealth` with the cookie of the session, as govmomi's vsan client calls it
 * (vsan/client.go). Objects, methods and fields are those of the vSAN Management API 8.0 U3
 * (https://developer.broadcom.com/xapis/vsan-management-api/8.0u3/). All of it takes System.Read on the cluster.
 */
type Session = Pick<RetrievalSession, 'transport'>;
interface Options {
  readonly signal: AbortSignal;
}

/** A group of checks or one check, by the last word of its id, with green, yellow, red or another word. */
export interface VsanCheck {
  readonly id: string;
  readonly health: string;
}

export interface VsanHealth {
  readonly overall: string;
  readonly groups: readonly (VsanCheck & { readonly tests: readonly VsanCheck[] })[];
}

/** Whether vSAN is on in the cluster. */
export async function isVsanEnabled(session: Session, cluster: MoRef, options: Options): Promise<boolean> {
  const config = await call(session, CONFIG, 'VsanClusterGetConfig', cluster, '', options);
  return textOf(config, 'enabled') === 'true';
}

/** From the cache of the service, so that no check is run for it. */
export async function readVsanHealth(
  session: Session,
  cluster: MoRef,
  options: Options,
): Promise<VsanHealth> {
  const parameters =
    textElement('includeObjUuids', 'false') +
    textElement('fields', 'overallHealth') +
    textElement('fields', 'groups') +
    textElement('fetchFromCache', 'true');
  const summary = await call(
    session,
    HEALTH,
    'VsanQueryVcClusterHealthSummary',
    cluster,
    parameters,
    options,
  );
  return {
    overall: textOf(summary, 'overallHealth'),
    groups: childrenOf(summary, 'groups')
      .slice(0, MAX_CHECKS)
      .map((group) => ({
        id: lastWord(textOf(group, 'groupId')),
        health: textOf(group, 'groupHealth'),
        tests: childrenOf(group, 'groupTests')
          .slice(0, MAX_CHECKS)
          .map((test) => ({ id: lastWord(textOf(test, 'testId')), health: textOf(test, 'testHealth') })),
      })),
  };
}

/** In bytes. */
export async function readVsanSpace(
  session: Session,
  cluster: MoRef,
  options: Options,
): Promise<{ readonly total: number | undefined; readonly free: number | undefined }> {
  const usage = await call(session, SPACE, 'VsanQuerySpaceUsage', cluster, '', options);
  return { total: numberOf(usage, 'totalCapacityB'), free: numberOf(usage, 'freeCapacityB') };
}

/** What is being copied; an amount that the service does not send is undefined. */
export async function readVsanResync(
  session: Session,
  cluster: MoRef,
  options: Options,
): Promise<{ readonly bytes: number | undefined; readonly objects: number | undefined }> {
  const sync = await call(session, OBJECTS, 'QuerySyncingVsanObjectsSummary', cluster, '', options);
  return { bytes: numberOf(sync, 'totalBytesToSync'), objects: numberOf(sync, 'totalObjectsToSync') };
}

/** vSAN 8 has some 30 groups with at most 20 tests each. */
const MAX_CHECKS = 200;
const CONFIG = { type: 'VsanVcClusterConfigSystem', value: 'vsan-cluster-config-system' };
const HEALTH = { type: 'VsanVcClusterHealthSystem', value: 'vsan-cluster-health-system' };
const SPACE = { type: 'VsanSpaceReportSystem', value: 'vsan-cluster-space-report-system' };
const OBJECTS = { type: 'VsanObjectSystem', value: 'vsan-cluster-object-system' };

async function call(
  { transport }: Session,
  self: MoRef,
  operation: string,
  cluster: MoRef,
  parameters: string,
  options: Options,
): Promise<XmlElement | undefined> {
  const content = reference('_this', self) + reference('cluster', cluster) + parameters;
  const body = `<${operation} xmlns="urn:vsan">${content}</${operation}>`;
  return await callForValue(transport, { operation, body, service: 'vsan' }, options);
}

const childrenOf = (element: XmlElement | undefined, name: string): readonly XmlElement[] =>
  element?.children.filter((child) => child.name === name) ?? [];
const textOf = (element: XmlElement | undefined, name: string): string =>
  childrenOf(element, name)[0]?.text ?? '';
function numberOf(element: XmlElement | undefined, name: string): number | undefined {
  const text = textOf(element, name);
  return /^\d{1,16}$/.test(text) ? Number(text) : undefined;
}
/** `com.vmware.vsan.health.test.network` is `network`. */
const lastWord = (id: string): string => id.slice(id.lastIndexOf('.') + 1).slice(0, 100);
