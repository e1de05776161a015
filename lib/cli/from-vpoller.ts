import { stringify } from 'yaml';
import { KNOWN_COLLECTORS } from '../collectors/known-collectors.ts';
import { inspectConfig } from '../config/check-config.ts';
import { ConfigError, type ConfigIssue } from '../config/errors.ts';
import { messageOf } from '../platform/errors.ts';
import { printError, printVerbatim } from './terminal.ts';
import { keepCredential } from './write-credential.ts';

/** An agent of vPoller, a row of the table `hosts` of vconnector's database. */
interface Agent {
  readonly host: string;
  readonly user: string;
  readonly password: string;
  readonly isEnabled: boolean;
}

/** More than any vPoller has polled. */
const MAX_AGENTS = 10_000;

/**
 * `vsweep config from-vpoller <database>`: prints a vsweep.yaml with the agents of vPoller as targets. Passwords are
 * never printed: with `credentials` each goes into a file of that folder which only its owner may read, else it is said
 * which secrets to create. Answers 1 when there was nothing to make a target of.
 */
export async function configFromVpollerCommand(
  database: string,
  { credentials }: { credentials?: string },
): Promise<number> {
  const agents = await readAgents(database);
  for (const { host } of agents.filter(({ isEnabled }) => !isEnabled)) {
    printError(`${host} is left out: it is disabled`);
  }
  const enabled = agents.filter(({ isEnabled }) => isEnabled);
  if (enabled.length === 0) {
    printError(`${database} has no agent that is enabled`);
    return 1;
  }
  const sweeps = [{ name: 'status', every: '1m', collectors: ['overall-status'] }];
  const configOf = (targets: readonly object[]) => ({ targets, sweeps });
  // Before anything is written: a vsweep.yaml that is refused later leaves credentials behind.
  const unwritten = enabled.map(({ host: name }) => ({ name, credentials: { file: 'unwritten' } }));
  const { issues } = inspectConfig(configOf(unwritten), KNOWN_COLLECTORS);
  if (issues.length > 0) throw new ConfigError(database, issues.map(toAgentFault(enabled)));
  const targets = [];
  for (const agent of enabled) {
    targets.push({ name: agent.host, credentials: await keepCredential(agent, credentials) });
  }
  printVerbatim(`${HEADER}${stringify(configOf(targets))}`);
  return 0;
}

/** Of a fault of the configuration, the agent that has it. */
const toAgentFault =
  (agents: readonly Agent[]) =>
  ({ path, message }: ConfigIssue): ConfigIssue => {
    const index = /^targets\[(\d+)\]/.exec(path)?.[1];
    const agent = index === undefined ? undefined : agents[Number(index)];
    return { path: agent === undefined ? path : `agent ${JSON.stringify(agent.host)}`, message };
  };

const HEADER = `# vsweep.yaml, from vPoller's agents. vPoller never checked a certificate; vsweep does. Where yours are not from a
# known authority add to the target: tls: { ca: <file> }, or tls: { sha256: ["AB:CD:…"] }.
`;

/** Opens the database for reading alone. Throws ConfigError. */
async function readAgents(database: string): Promise<readonly Agent[]> {
  try {
    // Node brings SQLite since 22.5; no other command needs it.
    const { DatabaseSync } = await import('node:sqlite');
    const db = new DatabaseSync(database, { readOnly: true });
    try {
      const rows = db
        .prepare('SELECT host, user, pwd, enabled FROM hosts ORDER BY host LIMIT ?')
        .all(MAX_AGENTS);
      return rows.map(({ host, user, pwd, enabled }) => ({
        host: String(host),
        user: String(user),
        password: String(pwd),
        isEnabled: Number(enabled) === 1,
      }));
    } finally {
      db.close();
    }
  } catch (error) {
    throw new ConfigError(database, [
      {
        path: '',
        message: `cannot be read as a database of vconnector: ${messageOf(error)}; name its file, such as /var/lib/vconnector/vconnector.db`,
      },
    ]);
  }
}
