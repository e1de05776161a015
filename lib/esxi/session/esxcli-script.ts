import type { ScriptedCommand } from './scripted-command.ts';

/**
 * `try` runs a command for so many seconds; 137 is its code when it was killed. `detect` finds out once a session what the
 * host can: esxcli speaks to hostd, localcli does the same without it. One that hangs is not tried a second time. The format
 * `json` is there with --debug since 7.0; a host that lacks it prints "Unable to find requested formatter" and ends with
 * 1 (esxcli of 7.0.0, "debugFormatters"). It is one long line, so a shell without `read -n`, which would cut it, does without.
 * `cli` asks one command in the format of its shape: a list as csv, an object as keyvalue, where there is no json; some
 * columns of a list always as csv, which alone can leave out the others. `each` asks one command for each name of a list.
 */
export const ESXCLI = `try() {
y=$1; shift
sleep "$y" >/dev/null & z=$!
$own sh -c 'z=$1; shift; "$@"; r=$?; kill "$z"; exit "$r"' sh "$z" "$@" & p=$!
wait "$z"; case $? in
0) kill -9 "-$p" || kill -9 "$p"; return 137;;
126|127) wait "$p"; return 137;;
*) wait "$p";;
esac
}
detect() {
as=
for cli in esxcli localcli; do
command -v "$cli" >/dev/null || continue
[ "$by" ] && try 6 "$cli" --debug --formatter=json system hostname get >/dev/null; case $? in
0) as=json list='--debug --formatter=json' object='--debug --formatter=json'; break;;
137) continue;;
esac
try 6 "$cli" --formatter=csv system hostname get >/dev/null && { as=csv list=--formatter=csv object=--formatter=keyvalue; break; }
done
[ "$as" ] || cli=
printf '@@%s - cli %s %s\\n' "$n" "\${cli:-none}" "\${as:-none}"
}
cli() {
s=$2 l=$3 t=$4 k=$5; shift 5
[ "$cli" ] || { printf '@@%s %s = 127\\n@@%s %s end\\n' "$n" "$l" "$n" "$l"; return; }
case $s in list=*) s="--formatter=csv --format-param=fields=\${s#list=}";; list) s=$list;; *) s=$object;; esac
ask "$l" "$t" "$k" "$cli" $s "$@"
wait
}
names() {
d=
while IFS= read -r x; do
case $x in
*".$1.string="*) d=\${x#*".$1.string="}; [ "$2" != - ] || { name "$d"; d=; };;
*".$2"*) name "$d"; d=;;
esac
done
}
name() { case $1 in ''|*[!A-Za-z0-9._:@-]*);; *) printf '%s\\n' "$1";; esac; }
each() {
es=$2 el=$3 et=$4 ek=$5 em=$6 ef=$7 ew=$8 words=$9; shift 9
r=127 j=0; [ "$cli" ] && { out=$(try "$et" "$cli" --formatter=keyvalue $words); r=$?
for d in $(printf '%s\\n' "$out" | names "$ef" "$ew"); do
[ "$j" -lt "$em" ] || { printf '@@%s %s over\\n' "$n" "$el"; break; }
j=$((j+1)); printf '@@%s %s.%s name %s\\n' "$n" "$el" "$j" "$d"
cli 0 "$es" "$el.$j" "$et" "$ek" "$@" "$d"
done; }
[ "$r" != 137 ] || r=timeout
printf '@@%s %s = %s\\n@@%s %s end\\n' "$n" "$el" "$r" "$n" "$el"
}
`;

const COLUMNS = /^[A-Za-z]\w*(?:,[A-Za-z]\w*){0,7}$/;
const WORDS = /^[a-z]\w*(?: \w+)*$/;
const FIELD = /^[A-Za-z]\w{0,40}$/;
const WHEN = /^[A-Za-z]\w{0,40}\.[a-z]+=\w{1,40}$/;

/** The head of a command's line; its arguments follow. Throws TypeError for words that a shell would read differently. */
export function headOfCli({
  label,
  seconds,
  lines,
  lane = 0,
  shape,
  columns,
  each,
}: ScriptedCommand): string {
  if (!Number.isInteger(lane) || lane < 0 || lane > 99) throw new TypeError(`${label}: not a lane: ${lane}`);
  if (columns !== undefined && !(shape === 'list' && COLUMNS.test(columns)))
    throw new TypeError(`${label}: not columns of a list: ${JSON.stringify(columns)}`);
  const as = columns === undefined ? shape : `list=${columns}`;
  if (each === undefined) return `cli ${lane} ${as} ${label} ${seconds} ${lines}`;
  const { list, field, when, most } = each;
  if (!(WORDS.test(list) && FIELD.test(field) && (when === undefined || WHEN.test(when))))
    throw new TypeError(`${label}: not a list of names: ${JSON.stringify({ list, field, when })}`);
  if (!Number.isInteger(most) || most < 1 || most > 64)
    throw new TypeError(`${label}: not a number of names: ${most}`);
  return `each ${lane} ${as} ${label} ${seconds} ${lines} ${most} '${field}' '${when ?? '-'}' '${list}'`;
}

/** All commands of esxcli: those of one lane one after another, the lanes at the same time. */
export function printLanes(commands: readonly ScriptedCommand[], toLine: (one: ScriptedCommand) => string) {
  if (commands.length === 0) return '';
  const lanes = Map.groupBy(commands, ({ lane = 0 }) => lane);
  const printed = [...lanes.keys()]
    .toSorted((one, other) => one - other)
    .map((lane) => `(\n${lanes.get(lane)?.map(toLine).join('')}) &\n`);
  return `${ESXCLI}(\ndetect\n${printed.join('')}wait\n) &\n`;
}
