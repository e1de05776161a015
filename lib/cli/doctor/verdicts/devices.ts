import { green, type Verdict, yellow } from './verdict.ts';

/** Of NetBox's answer: how many active devices it has, and how many could not be understood. */
export function judgeDevices({
  devices,
  faulty,
  apiVersion,
}: {
  readonly devices: number;
  readonly faulty: number;
  readonly apiVersion: string | undefined;
}): Verdict {
  const version = apiVersion === undefined ? '' : ` (API ${apiVersion})`;
  if (devices === 0)
    return yellow(
      `netbox.filter selects no active device${version}: no host would be asked by ssh. Correct netbox.filter, or give the token the right to see devices`,
    );
  const selected = `netbox.filter selects ${devices} active ${devices === 1 ? 'device' : 'devices'}${version}`;
  if (faulty === 0) return green(selected);
  return yellow(`${selected}; ${faulty} more cannot be understood and count as absent`);
}
