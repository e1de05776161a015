/**
 * Every verb of esxcli but get, list, stats and status, which only read. From fcenobi/esxcli-ahk, a public list of all
 * commands of ESXi 6.7, and words of the same kind for what later versions and vendors add.
 */
const VERBS: ReadonlySet<string> = new Set(
  [
    'activate add apply attach autoclaim automount boot cancel cap change check clear cleardefault commit',
    'configure connect convert copy create deactivate delete destroy detach disable disconnect discover down download',
    'dump enable erase evacuate exec execute flush format generate getdefault hash import install invoke join kill leave',
    'load mark migrate modify mount move new pause ping poweroff poweron precheck purge reboot rebuild reclaim',
    'recover rediscover refresh register reinstall rekey release reload remediate remove rename renew repair replace',
    'rescan reset resignature restart restore resume rollback rotate run sanitize save scan search send set setconfig',
    'setdefault showguid shutdown stage start stop suspend sync terminate test trigger unbind unbindall unclaim uninstall',
    'unload unmap unmount unregister unset up update upgrade upload validate verify wipe write',
  ]
    .join(' ')
    .split(' '),
);

/** These end with get, and write: the first into a file that an option names; the second has an action of the device. */
const WRITING_GETS = /^nvme device log (?:telemetry|persistentevent)\b/i;

/** All of the public list in which such a word names a thing. A worker holds these, and not the whole list. */
const READING = [
  'network ip dns search list',
  'network nic pauseParams list',
  'nvme device register get',
  'storage core device vaai delete list',
  'storage vmfs reclaim config get',
  'system boot device get',
  'system process stats load get',
];

/**
 * Why a command that is not in the public list may change the host: a name before its last one is another verb, also as
 * the first word of a longer name (`setState`). esxcli may take that one for the verb, and the rest for its arguments.
 */
export function whyItWrites(names: readonly string[]): string | undefined {
  const command = names.join(' ');
  if (WRITING_GETS.test(command))
    return `"${command}" writes a file or makes the device record; choose another command`;
  if (READING.includes(command)) return undefined;
  const verb = names.slice(0, -1).find((name) => {
    const [first = ''] = /^[a-z]+(?=[A-Z0-9]|$)/.exec(name) ?? [];
    return VERBS.has(first) || VERBS.has(name.toLowerCase());
  });
  return verb === undefined
    ? undefined
    : `"${verb}" is a verb that may change the host, and it stands before "${names.at(-1)}"; write a command with one verb, get or list`;
}
