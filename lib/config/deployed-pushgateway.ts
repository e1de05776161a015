import { STACK } from './deployed-names.ts';

/** Where a Pushgateway that a stack deploys is found in the VPC: in a private zone of that stack's own. */
export const deployedPushgateway = (stack: string) => ({
  host: 'pushgateway',
  domain: stack === STACK ? 'vsweep.internal' : `${stack.toLowerCase()}.vsweep.internal`,
  port: 9091,
});

export function deployedPushgatewayUrl(stack: string): string {
  const { host, domain, port } = deployedPushgateway(stack);
  return `http://${host}.${domain}:${port}`;
}
