import type { Family } from '../metrics/family.ts';
import { printOutcome } from '../sweep/outcome.ts';
import type { HostSummary } from '../sweep/result/summary.ts';
import { DEMO_SERVICES, type DemoHost } from './fleet.ts';

/**
 * Where a run differs from what the demo hosts were built for, a line each: outcomes with their reasons on every
 * path, and the value of every service of every host that answered. Empty when the sweep told the truth.
 */
export function checkDemoRun(
  hosts: readonly DemoHost[],
  run: { hosts: readonly HostSummary[]; families: readonly Family[] },
  { isFirst }: { isFirst: boolean },
): string[] {
  const summaries = new Map(run.hosts.map((host) => [host.name, host]));
  const overSsh = valuesOf(run.families, 'esxi_critical_service_status');
  const byVcenter = valuesOf(run.families, 'esxi_host_service_running');
  return [
    ...hosts.flatMap((host) => checkOutcomes(host, summaries.get(host.name), isFirst)),
    ...hosts.flatMap((host) => checkServices(host, overSsh, isFirst)),
    ...hosts.flatMap((host) => checkVcenterServices(host, byVcenter)),
    ...run.hosts
      .filter(({ name }) => !hosts.some((host) => host.name === name))
      .map(({ name }) => `${name}: is not a host of the demo`),
  ];
}

function checkOutcomes(
  { name, expected }: DemoHost,
  summary: HostSummary | undefined,
  isFirst: boolean,
): string[] {
  const ssh = isFirst ? expected.ssh.first : expected.ssh.later;
  return Object.entries({ vcenter: expected.vcenter, ssh }).flatMap(([path, wanted]) => {
    const outcome = summary?.outcomes[path === 'ssh' ? 'ssh' : 'vcenter'];
    const seen = outcome === undefined ? 'nothing' : printOutcome(outcome);
    return seen === wanted ? [] : [`${name}: ${path} is ${seen}, not ${wanted}`];
  });
}

function checkServices(
  { name, services, expected }: DemoHost,
  values: Map<string, number>,
  isFirst: boolean,
): string[] {
  const answers = (isFirst ? expected.ssh.first : expected.ssh.later) === 'ok';
  return DEMO_SERVICES.flatMap((service) => {
    const running = services[service] === 'running' ? 1 : 0;
    const label = service === 'nsx-opsagent' ? 'opsAgent' : service;
    return checkValue({ name, service: label, wanted: answers ? running : undefined }, values);
  });
}

/** What vCenter knows of a host that it has lost is old, so such a host has no sample. */
function checkVcenterServices({ name, vcenter }: DemoHost, values: Map<string, number>): string[] {
  const isKnown = vcenter.connectionState === 'connected';
  return vcenter.services.flatMap(({ key, running }) =>
    checkValue({ name, service: key, wanted: isKnown ? Number(running) : undefined }, values),
  );
}

function checkValue(
  { name, service, wanted }: { name: string; service: string; wanted: number | undefined },
  values: Map<string, number>,
): string[] {
  const seen = values.get(JSON.stringify([name, service]));
  return seen === wanted
    ? []
    : [`${name}: ${service} is ${seen ?? 'without a sample'}, not ${wanted ?? 'without one'}`];
}

/** The values of a metric by host and service. */
function valuesOf(families: readonly Family[], metric: string): Map<string, number> {
  const family = families.find(({ definition }) => definition.name === metric);
  const [host = -1, service = -1] = ['hostsystem', 'service'].map(
    (label) => family?.definition.labels.indexOf(label) ?? -1,
  );
  return new Map(
    Array.from(family?.samples ?? [], ({ labels, value }) => [
      JSON.stringify([labels[host], labels[service]]),
      value,
    ]),
  );
}
