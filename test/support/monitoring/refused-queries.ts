/** Queries that the grammar of PromQL allows and Prometheus refuses, which a test with the real one confirms. */
export const REFUSED = [
  'rate(vmware_host_connected) > 5',
  'max_over_time(vmware_host_connected)',
  'quantile_over_time(0.5, vmware_host_connected)',
  'vmware_host_connected[5m] > 5',
  'vmware_host_connected[5m:1m] + 1',
  '-(vmware_host_connected[5m])',
  'sum(vmware_host_connected[5m])',
  'abs(vmware_host_connected[5m])',
  '1 == 1',
  'time() > 5',
  '"a" + 1',
  'vmware_host_connected and 1',
  '{host_name=""}',
  '{host_name=~".*"}',
  '{}',
  'vmware_host_connected{host_name=~"*"}',
  'vmware_host_connected{host_name=~"esx(01"}',
  'vmware_host_connected{host_name!~"(?=a)b"}',
] as const;

/** Queries that look like those, and are right. */
export const ACCEPTED = [
  'rate(vmware_host_connected[5m]) > 5',
  'max_over_time((vmware_host_connected == 0)[5m:1m])',
  'quantile_over_time(0.5, vmware_host_connected[5m] offset 1m)',
  'rate((vmware_host_connected[5m]))',
  'deriv(vmware_host_connected[5m] @ 1609746000)',
  'vector(1) == 1',
  'time() > vmware_host_connected',
  'vmware_host_connected and vector(1)',
  'predict_linear(vmware_host_connected[1h], 3600) < 1',
  'label_replace(vmware_host_connected, "a", "$1", "host_name", "(.*)")',
  'scalar(vmware_host_connected) + vector(1)',
  '{host_name=~".+"}',
  'vmware_host_connected{host_name=~"(?i)ESX.*|\\\\pL+"}',
] as const;
