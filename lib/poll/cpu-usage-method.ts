import { retrieveReferred } from '../vsphere/property/retrieve-referred.ts';
import { moRefOf } from '../vsphere/property/value-fields.ts';
import { PollError } from './errors.ts';
import { requireObject } from './find-object.ts';
import type { PollMethod } from './method.ts';
import { toPollResult } from './poll-result.ts';
import type { Subject } from './subject.ts';

const USAGE = 'summary.quickStats.overallCpuUsage';
const CORES_PER_SOCKET = 'config.hardware.numCoresPerSocket';
const CPUS = 'config.hardware.numCPU';
const HOST = 'runtime.host';
const HZ = 'hardware.cpuInfo.hz';

/**
 * vPoller's own formula, which dashboards are built on: it takes a MHz for 2^20 Hz, and counts the cores of a socket
 * once more than there are. The counter cpu.usage.percent.average is right.
 */
export function cpuUsageMethod(subject: Subject): PollMethod {
  return {
    name: 'vm.cpu.usage.percent',
    summary: "the CPU usage of one VirtualMachine by vPoller's formula; cpu.usage.percent.average is exact",
    requiredKeys: ['name'],
    successMessage: 'Successfully retrieved properties',
    async run(session, request, { signal }) {
      const paths = ['name', HOST, USAGE, CORES_PER_SOCKET, CPUS];
      const machine = await requireObject(session, request, { subject, paths }, { signal });
      const host = moRefOf(machine.properties.get(HOST));
      const [owner] =
        host === undefined
          ? []
          : await retrieveReferred(session, { morefs: [host], paths: [HZ] }, { signal });
      const mhz = machine.properties.get(USAGE);
      const cores = machine.properties.get(CORES_PER_SOCKET);
      const cpus = machine.properties.get(CPUS);
      const hz = owner?.properties.get(HZ);
      if (!isNumber(mhz) || !isNumber(cores) || !isNumber(cpus) || !isNumber(hz)) {
        throw new PollError('Unable to retrieve required properties', { code: 'unavailable' });
      }
      const percent = ((mhz * 1_048_576) / (hz * cores * cpus)) * 100;
      return [{ ...toPollResult(machine, ['name']), 'vm.cpu.usage.percent': percent }];
    },
  };
}

const isNumber = (value: unknown): value is number => typeof value === 'number';
