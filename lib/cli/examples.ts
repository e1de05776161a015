/** What `--help` of each command shows below its options. */
export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  run: ['vsweep run --config /etc/vsweep/vsweep.yaml', 'vsweep run --verbose'],
  sweep: ['vsweep sweep services --dry-run', "vsweep sweep services --json | jq '.targets[].paths'"],
  poll: [
    'vsweep poll --method about --vsphere-host vc01.example.org',
    'vsweep poll -m vm.get -V vc01.example.org -n web01 -p runtime.powerState',
    'vsweep poll --method host.discover --vsphere-host vc01.example.org --properties name,overallStatus --json',
  ],
  gateway: [
    'vsweep gateway',
    'vsweep gateway --manage tcp://127.0.0.1:9999 --manage worker=tcp://127.0.0.1:10000',
    'vsweep gateway --lambda Vsweep-poll',
  ],
  'invoke sweep': [
    'vsweep invoke sweep services',
    'vsweep invoke sweep services --target vc01.example.org --json',
  ],
  'invoke poll': ['vsweep invoke poll --method about --vsphere-host vc01.example.org --stack Vsweep'],
  demo: ['vsweep demo', 'vsweep demo --once --json'],
  doctor: [
    'vsweep doctor --config /etc/vsweep/vsweep.yaml',
    'vsweep doctor --prometheus http://127.0.0.1:9090 --json',
  ],
  'config check': ['vsweep config check --config /etc/vsweep/vsweep.yaml'],
  'config from-vpoller': [
    'vsweep config from-vpoller /var/lib/vconnector/vconnector.db --credentials /etc/vsweep/credentials',
  ],
  'config from-vmware-exporter': [
    'vsweep config from-vmware-exporter config.yml --credentials /etc/vsweep/credentials > vsweep.yaml',
  ],
  'config print': ['vsweep config print'],
  'config schema': ['vsweep config schema > vsweep.schema.json'],
  'metrics check': ['vsweep metrics check --config /etc/vsweep/vsweep.yaml'],
  'metrics try': ['vsweep metrics try vmware_vm_consolidation_needed --object web01'],
  'metrics list': [
    'vsweep metrics list',
    'vsweep metrics list --config vsweep.yaml',
    "vsweep metrics list --json | jq -r '.[] | select(.isQueried) | .name'",
  ],
  alerts: [
    'vsweep alerts > vsweep.rules.yml',
    'vsweep alerts vsweep datastores --set datastore_full_percent=5 --runbooks https://wiki.example.org/vsweep',
  ],
  explain: ['vsweep explain vmware_host_ha_connected', 'vsweep explain vcenter_vm_cpu_usage_MHz --json'],
  coverage: [
    'vsweep coverage /etc/prometheus/rules/*.yml',
    'vsweep coverage dashboard.json --config /etc/vsweep/vsweep.yaml',
    'vsweep coverage mixin.yml --preset otel --labels env,region --json',
  ],
  role: [
    'vsweep role --config /etc/vsweep/vsweep.yaml',
    "vsweep role --collectors hosts,vms,tags --principal 'EXAMPLE\\vsweep'",
  ],
  completion: ['source <(vsweep completion bash)', 'source <(vsweep completion zsh)'],
  'state check': ['vsweep state check --config /etc/vsweep/vsweep.yaml'],
  'state repair': ['vsweep state repair --config /etc/vsweep/vsweep.yaml'],
  'state accept-loss': ['vsweep state accept-loss'],
  status: ['vsweep status', 'vsweep status --table vsweep-state --json'],
  'blacklist list': ['vsweep blacklist list --json'],
  'blacklist lift': ['vsweep blacklist lift --user vsweep --address esx01.example.org --counter-was-reset'],
  'credential list': ['vsweep credential list'],
  'credential lift': ['vsweep credential lift file:/etc/vsweep/credentials/esxi.yaml'],
  'hostkey list': ['vsweep hostkey list --target vc01.example.org'],
  'hostkey accept': [
    'vsweep hostkey accept vc01.example.org esx01.example.org:22',
    'vsweep hostkey accept vc01.example.org esx01.example.org:22 --fingerprint SHA256:…',
  ],
  'invoke hostkeys': ['vsweep invoke hostkeys', 'vsweep invoke hostkeys --known-hosts >> known_hosts'],
  'hostkey scan': [
    'vsweep hostkey scan',
    'vsweep hostkey scan --target vc01.example.org --accept --fingerprints fingerprints.txt',
    'vsweep hostkey scan --known-hosts > known_hosts',
  ],
  'hostkey forget': [
    'vsweep hostkey forget vc01.example.org esx01.example.org:22',
    'vsweep hostkey forget vc01.example.org --all',
  ],
  'groups list': ['vsweep groups list --json'],
  'groups delete': ['vsweep groups delete vsweep_services vc01.example.org'],
  'lease list': ['vsweep lease list'],
  'lease release': ['vsweep lease release services vc01.example.org --run-is-dead'],
};
