import type { EsxiConfig } from '../../config/schema.ts';
import type { SshTimeouts } from '../../esxi/run-command.ts';

/** The configured time-outs, all shrunk alike when together they exceed the time that is left. */
export function fitTimeouts(timeouts: EsxiConfig['timeouts'], availableMs: number): SshTimeouts {
  const { connectSeconds, loginSeconds, commandSeconds } = timeouts;
  const share = Math.min(
    1,
    Math.max(0, availableMs) / ((connectSeconds + loginSeconds + commandSeconds) * 1_000),
  );
  return {
    connectMs: connectSeconds * 1_000 * share,
    loginMs: loginSeconds * 1_000 * share,
    commandMs: commandSeconds * 1_000 * share,
  };
}
