import type { Command } from 'commander';
import { ConfigError } from '../config/errors.ts';
import { printVerbatim } from './terminal.ts';

/** What stands behind a word of a command line: names of the configuration, files, or nothing that can be known. */
type Values = 'sweeps' | 'targets' | 'methods' | 'metrics' | 'series' | 'paths' | 'files' | '';

/** One command, for the functions of a shell: what may come after it. */
interface CompletedCommand {
  /** `blacklist lift`; '' is vsweep itself. */
  readonly path: string;
  readonly commands: readonly string[];
  readonly options: readonly string[];
  /** Options that take a value. */
  readonly valued: Readonly<Record<string, Values>>;
  readonly positional: readonly Values[];
}

/** By the name of an argument or the placeholder of an option's value in the help. */
const VALUES: Readonly<Record<string, Values>> = {
  sweep: 'sweeps',
  target: 'targets',
  instance: 'targets',
  method: 'methods',
  metric: 'metrics',
  series: 'series',
  paths: 'paths',
  file: 'files',
};

/**
 * `vsweep completion <what>`: the script for a shell, or the names that such a script asks for. Somebody waits with a
 * finger on the key, so each loads what it needs and no more.
 */
export async function completionCommand(
  what: string,
  written: string | undefined,
  options: { config: string; method?: string },
  command: Command,
): Promise<number> {
  const program = command.parent ?? command;
  if (what === 'bash' || what === 'zsh') {
    printVerbatim(SCRIPTS[what](describeCommands(program)));
    return 0;
  }
  if (what === 'methods') {
    const { POLL_METHODS } = await import('../poll/registry.ts');
    for (const { name } of POLL_METHODS) printVerbatim(name);
    return 0;
  }
  if (what === 'paths') {
    for (const path of await completePaths(options, written ?? '')) printVerbatim(path);
    return 0;
  }
  if (what === 'metrics') {
    for (const name of await metricNames(options.config)) printVerbatim(name);
    return 0;
  }
  if (what === 'series') {
    const { seriesNames } = await import('./series-names.ts');
    for (const name of seriesNames()) printVerbatim(name);
    return 0;
  }
  if (what !== 'sweeps' && what !== 'targets') {
    throw new ConfigError('completion', [
      {
        path: '',
        message: `"${what}" is none of bash, zsh, sweeps, targets, methods, metrics, series, paths`,
      },
    ]);
  }
  // Without a configuration nothing is completed; a message in the middle of a command line helps nobody.
  const { loadConfig } = await import('./load-config.ts');
  const loaded = await loadConfig(options.config).catch(() => undefined);
  for (const { name } of loaded?.config[what] ?? []) printVerbatim(name);
  return 0;
}

/** The last of a list of property paths, after those that are written out. */
async function completePaths(
  { method, config }: { readonly method?: string; readonly config: string },
  written: string,
): Promise<readonly string[]> {
  const before = written.slice(0, written.lastIndexOf(',') + 1);
  if (method === 'metric.get') {
    const begun = written.slice(before.length);
    return (await metricNames(config)).filter((name) => name.startsWith(begun)).map((name) => before + name);
  }
  const [{ OLD_METHOD_NAMES, POLL_METHODS }, { completePath }] = await Promise.all([
    import('../poll/registry.ts'),
    import('../vsphere/vim25/complete-path.ts'),
  ]);
  const name = OLD_METHOD_NAMES.get(method ?? '') ?? method;
  const type = POLL_METHODS.find((one) => one.name === name)?.propertiesOf;
  if (type === undefined) return [];
  return completePath(type, written.slice(before.length)).map((path) => before + path);
}

/** Of what can be polled and tried: own metrics, where the configuration is right, and built-in ones. */
async function metricNames(config: string): Promise<readonly string[]> {
  const [{ loadConfig }, { polledMetrics }] = await Promise.all([
    import('./load-config.ts'),
    import('../poll/polled-metrics.ts'),
  ]);
  const loaded = await loadConfig(config).catch(() => undefined);
  return [...polledMetrics({ sweeps: loaded?.config.sweeps ?? [] })().keys()];
}

/** Every command of the program, those that only hold others included. */
export function describeCommands(command: Command, path: readonly string[] = []): CompletedCommand[] {
  const visible = command.options.filter((option) => option.long !== undefined);
  const below = command.commands.filter((one) => one.name() !== 'help');
  const valued = visible
    .filter((option) => option.required || option.optional)
    .flatMap((option) => {
      const placeholder = /<([\w-]+)>/.exec(option.flags)?.[1] ?? '';
      return [option.short, option.long].flatMap((flag) =>
        flag === undefined ? [] : [[flag, VALUES[placeholder] ?? ''] as const],
      );
    });
  return [
    {
      path: path.join(' '),
      commands: below.map((one) => one.name()),
      options: [...visible.map((option) => option.long ?? ''), '--help'],
      valued: Object.fromEntries(valued),
      positional: command.registeredArguments.map((argument) => VALUES[argument.name()] ?? ''),
    },
    ...below.flatMap((one) => describeCommands(one, [...path, one.name()])),
  ];
}

/** What may come after each command. Every text in it is ours and needs no quotes of its own. */
const toCases = (commands: readonly CompletedCommand[]): string =>
  commands
    .map(({ path, commands: below, options, valued, positional }) => {
      const values = Object.entries(valued).map(([flag, kind]) => `${flag}=${kind}`);
      const args = positional.map((kind) => kind || '-');
      return `    '${path}') vs_commands='${below.join(' ')}' vs_options='${options.join(' ')}' vs_valued=' ${values.join(' ')} ' vs_positional='${args.join(' ')}' ;;`;
    })
    .join('\n');

/**
 * The part that both shells share. From the words before the cursor it finds the command, and whether the cursor is
 * at the value of an option or at which argument; `kind` says what may come there.
 */
const SHARED = (commands: readonly CompletedCommand[]) => `
_vsweep_describe() {
  case "$1" in
${toCases(commands)}
    *) return 1 ;;
  esac
}

# Reads the words before the cursor; sets vs_commands, vs_options, vs_kind, vs_config and vs_method.
_vsweep_read() {
  local word vs_path='' pending='' at=0
  vs_config=vsweep.yaml vs_method='' vs_kind=''
  _vsweep_describe ''
  for word in "$@"; do
    # bash takes --config=file for three words.
    [ "$word" != = ] || continue
    if [ -n "$pending" ]; then
      # -C is its letter everywhere; -c is the counter of a poll.
      case "$pending" in --config* | -C*) vs_config=$word ;; esac
      case "$vs_valued" in *" $pending=methods "*) vs_method=$word ;; esac
      pending=''
      continue
    fi
    case "$word" in
      --config=*) vs_config=\${word#--config=} ;;
      --method=*) vs_method=\${word#--method=} ;;
      -*) case "$vs_valued" in *" $word="*) pending=$word ;; esac ;;
      *)
        case " $vs_commands " in
          *" $word "*) vs_path="\${vs_path:+$vs_path }$word"; _vsweep_describe "$vs_path" ;;
          *) at=$((at + 1)) ;;
        esac ;;
    esac
  done
  if [ -n "$pending" ]; then
    vs_kind=\${vs_valued#*" $pending="}
    vs_kind=\${vs_kind%% *}
    vs_commands='' vs_options=''
    return
  fi
  set -- $(printf '%s' "$vs_positional")
  [ "$at" -ge "$#" ] || { shift "$at"; vs_kind=$1; }
}
`;

const SCRIPTS = {
  bash: (
    commands: readonly CompletedCommand[],
  ) => `# Completion of vsweep for bash: source <(vsweep completion bash)
${SHARED(commands)}
_vsweep() {
  local vs_commands vs_options vs_valued vs_positional vs_kind vs_config vs_method current=\${COMP_WORDS[COMP_CWORD]}
  _vsweep_read "\${COMP_WORDS[@]:1:COMP_CWORD-1}"
  COMPREPLY=()
  [ "$current" != = ] || current=''
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$vs_options" -- "$current")) ;;
    *)
      case "$vs_kind" in
        files) compopt -o filenames 2> /dev/null; COMPREPLY=($(compgen -f -- "$current")) ;;
        paths)
          # After a path may come a comma and another one.
          compopt -o nospace 2> /dev/null
          COMPREPLY=($("\${COMP_WORDS[0]}" completion paths --method "$vs_method" --config "$vs_config" -- "$current" 2> /dev/null)) ;;
        sweeps | targets | methods | metrics | series) COMPREPLY=($(compgen -W "$("\${COMP_WORDS[0]}" completion "$vs_kind" --config "$vs_config" 2> /dev/null)" -- "$current")) ;;
        *) COMPREPLY=($(compgen -W "$vs_commands" -- "$current")) ;;
      esac ;;
  esac
}
complete -F _vsweep vsweep
`,
  zsh: (commands: readonly CompletedCommand[]) => `#compdef vsweep
# Completion of vsweep for zsh: source <(vsweep completion zsh), after compinit; or as _vsweep in a folder of fpath
${SHARED(commands)}
_vsweep() {
  emulate -L zsh
  setopt sh_word_split
  local vs_commands vs_options vs_valued vs_positional vs_kind vs_config vs_method
  _vsweep_read "\${(@)words[2,CURRENT-1]}"
  case "$PREFIX" in
    -*) compadd -- $vs_options ;;
    *)
      case "$vs_kind" in
        files) _files ;;
        paths) compadd -S '' -- $("\${words[1]}" completion paths --method "$vs_method" --config "$vs_config" -- "$PREFIX" 2> /dev/null) ;;
        sweeps | targets | methods | metrics | series) compadd -- $("\${words[1]}" completion "$vs_kind" --config "$vs_config" 2> /dev/null) ;;
        *) compadd -- $vs_commands ;;
      esac ;;
  esac
}
compdef _vsweep vsweep
`,
} as const;
