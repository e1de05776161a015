import type { ServiceReading } from '../service-reading.ts';
import { judgeServiceStatus } from '../service-status.ts';
import { answerOf, type Probe, type ProbeSettings } from '../session/probe.ts';

/** Where ESXi keeps its init scripts. */
const INIT_DIRECTORY = '/etc/init.d';

/** The state of each configured service by its init script, in the order of the configuration. */
export const services: Probe<readonly ServiceReading[]> = {
  name: 'services',
  seconds: 8,
  // The state is the last line, and whatever a script's end is, it says something of the service.
  keeps: 'tail',
  anyEnd: true,
  commands: (settings) =>
    Array.from(new Set(settings.services.map(nameOf)), (service) => ({
      key: service,
      argv: [`${INIT_DIRECTORY}/${service}`, 'status'],
    })),
  parse: (answers, settings) =>
    settings.services.map((asked): ServiceReading => {
      const service = nameOf(asked);
      const answer = answerOf(answers, service);
      // What a script says of its service is on stdout; an error of the shell, or a script's only word, on stderr.
      const stdout = fold(answer.stdout);
      const text = stdout === '' ? fold(answer.stderr) : stdout;
      const rules = typeof asked === 'string' ? {} : asked;
      return { service, state: judgeServiceStatus(text, answer.code, rules) };
    }),
};

const nameOf = (asked: ProbeSettings['services'][number]): string =>
  typeof asked === 'string' ? asked : asked.name;

const fold = (text: string): string => text.replace(/[^\n!-~]+/g, ' ').trim();
