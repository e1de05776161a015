import { services } from '../../../lib/esxi/probes/services.ts';
import type { ServiceReading } from '../../../lib/esxi/service-reading.ts';
import { printAnswer } from '../../../lib/esxi/session/answers.ts';
import { prepareProbes } from '../../../lib/esxi/session/prepare-probes.ts';
import type { CommandAnswer, ProbeSettings } from '../../../lib/esxi/session/probe.ts';
import { readScript } from '../../../lib/esxi/session/script.ts';

/** A session with the probe of services alone. */
export const askServices = (asked: ProbeSettings['services']) =>
  prepareProbes([services], { services: asked }, { sessionMs: 15_000 });

/** What the output of such a session says. Throws why it says nothing. */
export function readServices(
  stdout: string,
  asked: ProbeSettings['services'],
  nonce: string,
): readonly ServiceReading[] {
  const { readings, failed } = askServices(asked).read(stdout, nonce);
  const [first] = failed;
  if (first !== undefined) throw first.error;
  return readings.get(services.name) as readonly ServiceReading[];
}

type Said = { readonly code: CommandAnswer['code']; readonly stdout?: string; readonly stderr?: string };

/** What a host prints to a session; by default each service is running. Of another command nothing. */
export function answerServices(
  command: string,
  say: (service: string) => Said = (service) => ({ code: 0, stdout: `${service} is running` }),
): string {
  const { nonce = '', commands = [] } = readScript(command) ?? {};
  return commands
    .map((asked) => printAnswer(nonce, asked, say(asked.label.replace(/^services\//, ''))))
    .join('');
}
