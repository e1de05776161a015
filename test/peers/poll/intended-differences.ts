/** A request that vPoller 0.7.3 answers otherwise than vsweep, on purpose. */
export interface IntendedDifference {
  /** The first cell of its row in docs/vpoller.md. */
  readonly request: string;
  /** Without `hostname`. The names are those of the simulator; `<url>` is the url of its datastore. */
  readonly message: Readonly<Record<string, unknown>>;
  /** What vPoller's client receives; undefined for nothing, because its worker has died. */
  readonly theirs: RegExp | undefined;
  readonly ours: RegExp;
}

export const MACHINE = 'DC0_C0_RP0_VM0';
/** Its guest runs no VMware Tools. */
export const LAST_MACHINE = 'DC0_C0_RP0_VM2';
export const HOST = 'DC0_C0_H0';
const CPU = 'cpu.usage.percent.average';
const machine = { method: 'vm.get', name: MACHINE };
const FAILED = /^\{"success": 1, "msg": "Task [\w.]+ failed", "traceback": /;

export const INTENDED_DIFFERENCES: readonly IntendedDifference[] = [
  {
    request: 'a property that is a time, such as `runtime.bootTime`',
    message: { method: 'host.get', name: HOST, properties: ['runtime.bootTime'] },
    theirs: undefined,
    ours: /"runtime\.bootTime": "\d{4}-\d\d-\d\dT[\d:.]+Z"/,
  },
  {
    request: 'a property that is, or contains, a reference',
    message: { ...machine, properties: ['runtime.host'] },
    theirs: undefined,
    ours: /"runtime\.host": "'vim\.HostSystem:host-\d+'"/,
  },
  {
    request: 'a property that may hold secrets, such as `config.extraConfig`',
    message: { ...machine, properties: ['config.extraConfig'] },
    theirs: /"success": 0.*"config\.extraConfig": /,
    ours: /"Cannot collect properties: VirtualMachine config\.extraConfig may hold secrets: /,
  },
  {
    request: 'a data object',
    // Of types that inherit, of values of any type, and arrays of them.
    message: {
      ...machine,
      properties: ['config.hardware.device[100]', 'guest.net', 'summary.quickStats'],
    },
    theirs: /"dynamicType": null, "dynamicProperty": \[\]/,
    ours: /"summary\.quickStats": \{(?!.*dynamicType)(?!.*null).*\}/,
  },
  {
    request: '`metric.get`',
    message: { method: 'metric.get', name: MACHINE, properties: ['vmware_vm_num_cpu'] },
    theirs: /"msg": "Unknown or missing task\/method name"/,
    ours: /"result": \[\{"name": "DC0_C0_RP0_VM0", "vmware_vm_num_cpu": 1\}\]/,
  },
  {
    request: 'a whole number beyond 2^53',
    message: { method: 'vm.disk.discover', name: MACHINE, properties: ['capacity'] },
    theirs: /"capacity": 9007199254740993\}/,
    ours: /"capacity": "9007199254740993"\}/,
  },
  {
    request: 'a property that does not exist',
    message: { ...machine, properties: ['overallStat'] },
    // The simulator lets it pass. A vCenter answers InvalidProperty, on which vPoller fails.
    theirs: /"result": \[\{"name": "DC0_C0_RP0_VM0"\}\]/,
    ours: /"Cannot collect properties: VirtualMachine has no overallStat; did you mean overallStatus\?"/,
  },
  {
    request: '`*.perf.metric.info` with a counter that vCenter does not describe',
    message: { method: 'vm.perf.metric.info', name: MACHINE },
    theirs: FAILED,
    ours: /\{"counterId": "10042", "instance": ""\}/,
  },
  {
    request: '`*.perf.metric.info` without a name',
    message: { method: 'vm.perf.metric.info' },
    theirs: FAILED,
    ours: /"Cannot find object None"/,
  },
  {
    request: '`vm.snapshot.get`',
    message: { method: 'vm.snapshot.get', name: MACHINE },
    theirs: /"snapshot 2"(?!.*"snapshot 3")/,
    ours: /"snapshot 2".*"snapshot 3"/,
  },
  {
    request: '`(null)` of a C client',
    message: {
      method: 'vm.perf.metric.get',
      name: MACHINE,
      'counter-name': CPU,
      instance: '(null)',
      'perf-interval': '(null)',
    },
    theirs: /"Historical interval \(null\) does not exists"/,
    ours: /"success": 0.*"instance": ""/,
  },
  {
    request: '`counter-id` alone',
    message: { method: 'vm.perf.metric.get', name: MACHINE, 'counter-id': CPU },
    theirs: /"Invalid task request"/,
    ours: /"success": 0/,
  },
  {
    request: '`csvhelper` for one object',
    message: { method: 'vm.net.get', name: MACHINE, helper: 'vpoller.helpers.csvhelper' },
    theirs: /"Cannot send result: /,
    ours: /^name,network\r\n/,
  },
  {
    request: '`zabbix` without `properties`, or with an empty result',
    message: { ...machine, properties: null, helper: 'vpoller.helpers.zabbix' },
    theirs: /^\{"success": 1, "msg": "Cannot send result: /,
    ours: /^Cannot send result: vm\.get needs the property/,
  },
  {
    request: 'a whole number that is a float in Python, such as 12.0',
    message: {
      method: 'vm.cpu.usage.percent',
      name: MACHINE,
      properties: ['vm.cpu.usage.percent'],
      helper: 'vpoller.helpers.zabbix',
    },
    theirs: /^0\.0$/,
    ours: /^0$/,
  },
  {
    request: 'a vSphere fault in `msg`',
    message: { method: 'vm.process.get', name: MACHINE, username: 'a', password: 'b' },
    theirs: /"Cannot get guest processes: \(vim\.fault\.InvalidGuestLogin\) \{\\n {3}dynamicType = <unset>/,
    ours: /"Cannot get guest processes: ListProcessesInGuest on vc01 returned the fault InvalidGuestLogin"/,
  },
  {
    request: '`resource.pool.vm.get`',
    message: { method: 'resource.pool.vm.get', name: 'Resources' },
    theirs: /"Unknown or missing task\/method name"/,
    ours: /"resourcePool\.name": "Resources"/,
  },
];
