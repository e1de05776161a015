import { ELSEWHERE } from './elsewhere.ts';
import type { Fault } from './fault-case.ts';
import { NETBOX_CASES } from './netbox-cases.ts';
import { PUSH_CASES } from './push-cases.ts';
import { RUN_CASES } from './run-cases.ts';
import { SSH_CASES } from './ssh-cases.ts';
import { STATE_CASES } from './state-cases.ts';
import { VCENTER_CASES } from './vcenter-cases.ts';

/** Every fault, by the heading under which docs/faults.md has it. */
export const FAULTS: Readonly<Record<string, readonly Fault[]>> = {
  'A vCenter': VCENTER_CASES,
  'A host, by ssh': SSH_CASES,
  NetBox: NETBOX_CASES,
  'The state table': STATE_CASES,
  'The Pushgateway': PUSH_CASES,
  'A run': RUN_CASES,
  'Runs that end, and machines': ELSEWHERE,
};

/** The cells of its row. */
export function toRow({ fault, message, vcenter, ssh, pushed, exitCode, remedy }: Fault): string[] {
  const code = (text: string) => (text === '' ? 'none' : `\`${text}\``);
  return [
    fault,
    code(message),
    code(vcenter),
    code(ssh),
    pushed === 'nothing' ? 'nothing' : pushed.map(code).join(', ') || 'as usual',
    String(exitCode),
    remedy,
  ];
}
