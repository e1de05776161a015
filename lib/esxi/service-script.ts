/** So many bytes of a line are one piece of text, and so many pieces of each stream are kept: the last ones. */
export const PIECE_BYTES = 200;
const PIECES = ['a', 'b', 'c', 'e'];

/**
 * Asks one service: directory, service, nonce, process id of the sleeper, the option that bounds `read`. Of each
 * stream the last pieces are kept, because the state is the last line; both are read to their end, because a closed
 * pipe would end the script by SIGPIPE. `read` is a builtin and takes a byte a system call (0.4 MB/s on ash), so the
 * time of the check bounds what a script that floods costs. Where `read` has no -n, a longer line keeps its head.
 */
const CHECK = `keep() {
${PIECES.map((name) => `${name}=`).join(' ')}
while IFS= read -r $2 l || [ "$l" ]; do [ "$l" ] && a=$b b=$c c=$e e=$l; done
printf "$1 %.${PIECE_BYTES}s\\n" ${PIECES.map((name) => `\${${name}:+"$${name}"}`).join(' ')}
}
m="@@$3 $2"
out=$( { { { "$1/$2" status 2>&1 >&3 3>&- 4>&-; printf "%s = %s\\n" "$m" "$?" >&4
} | keep "$m 2" "$5" >&4; } 3>&1 | keep "$m 1" "$5"; } 4>&1 )
printf "%s\\n%s end\\n" "$out" "$m"; kill "$4"`;

/**
 * The script (busybox ash, dash), of builtins, `sleep` and, where the host has it, `setsid`. Services and nonce are
 * put in as they are. A check runs in a session of its own, and its whole process group is killed when it ends or when
 * its time is over. On a host without `setsid` a check's shell is killed at that time, and what it started when the
 * whole probe ends: the shell that sshd starts leads a group of its own. Whichever of the two commands is missing is
 * told. The sleeper that measures the time is killed by the check when that ends first.
 */
export const toServiceScript = (what: {
  readonly services: readonly string[];
  readonly nonce: string;
  readonly initDirectory: string;
  readonly checkSeconds: number;
}): string => `n=${what.nonce} d=${what.initDirectory}
exec </dev/null 2>/dev/null
own=setsid; setsid sh -c : || { own=; printf '@@%s - lacks setsid\\n' "$n"; }
by=-n${PIECE_BYTES}; sh -c 'echo ab | { read -r -n1 l; [ "$l" = a ]; }' || by=
check='${CHECK}'
for s in ${what.services.join(' ')}; do
if [ -f "$d/$s" ]; then (
sleep ${what.checkSeconds} >/dev/null & z=$!
$own sh -c "$check" sh "$d" "$s" "$n" "$z" "$by" & p=$!
wait "$z"; case $? in
0) kill -9 "-$p" || kill -9 "$p"; printf '@@%s %s = timeout\\n@@%s %s end\\n' "$n" "$s" "$n" "$s";;
126|127) printf '@@%s - lacks sleep\\n' "$n"; wait "$p";;
*) wait "$p"; kill -9 "-$p";;
esac
) & else printf '@@%s %s = 127\\n@@%s %s end\\n' "$n" "$s" "$n" "$s"; fi
done
wait
[ "$own" ] || kill -9 "-$$"
`;
