import { secretOfEsxcli } from './secrets.ts';
import { whyItWrites } from './writing-esxcli.ts';

/** Words of a command of esxcli as somebody wrote them. */
export interface EsxcliWords {
  /** Namespaces and verb: `system visorfs ramdisk list`. */
  readonly command: string;
  readonly argv: readonly ['esxcli', ...string[]];
}

const VERBS = ['get', 'list'];
const NAME = /^[A-Za-z][A-Za-z0-9]*$/;
/** An option with or without its value behind `=`, or a value: nothing that a program could read as something else. */
const OPTION = /^(?:-[A-Za-z]|--[a-z][a-z-]*)(?:=[\w./:@+-]{1,200})?$/;
const VALUE = /^[\w./:@+][\w./:@+-]{0,199}$/;
/** They would change how esxcli answers, or whom it asks; all of them stand before the namespace. */
const OF_PROGRAM =
  /^--?(?:formatter|format-param|debug|batch|server|username|password|config|thumbprint|vihost)\b/;

/**
 * The command that some words are, or what is wrong with them. Only `get` and `list` are let through: every other verb of
 * esxcli may change the host. Commands of the public list pass; of others, such as those of vendors, no name may be another
 * verb, wherever it stands.
 */
export function checkEsxcli(written: string): EsxcliWords | string {
  const words = written.trim().split(/\s+/);
  if (words[0] === 'esxcli' || words[0] === 'localcli')
    return `leave "${words[0]}" out: write the words behind it, such as "system visorfs ramdisk list"`;
  const firstOption = words.findIndex((word) => word.startsWith('-'));
  const names = firstOption === -1 ? words : words.slice(0, firstOption);
  const options = firstOption === -1 ? [] : words.slice(firstOption);
  const verb = names.at(-1) ?? '';
  const program = words.find((word) => OF_PROGRAM.test(word));
  if (program !== undefined)
    return `leave ${program.split('=')[0]} out: vsweep chooses the format, and asks the host itself`;
  if (names.length < 2 || !names.every((name) => NAME.test(name)))
    return 'write namespaces, a verb and options, such as "system visorfs ramdisk list"';
  if (!VERBS.includes(verb))
    return `"${verb}" is no verb that only reads; write a command that ends with ${VERBS.join(' or ')}`;
  const command = names.join(' ');
  const writes = whyItWrites(names);
  if (writes !== undefined) return writes;
  const odd = options.find((word) => !OPTION.test(word) && !VALUE.test(word));
  if (odd !== undefined)
    return `"${odd}" is no option and no value of one; use letters, digits and . / : @ + _ -`;
  const loose = options.find((word, at) => !word.startsWith('-') && !/^-[^=]*$/.test(options[at - 1] ?? ''));
  if (loose !== undefined)
    return `"${loose}" stands behind no option; write the option that it is the value of`;
  const secret = secretOfEsxcli(command, options);
  if (secret !== undefined) return secret;
  return { command, argv: ['esxcli', ...words] };
}
