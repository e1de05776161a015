import type { CredentialSource } from '../../../credentials/credential.ts';
import { credentialsOf, faultOf, type NamedCredential, readerForFaults } from '../../credential-faults.ts';
import type { Check } from '../engine/check.ts';
import type { Surroundings } from '../engine/surroundings.ts';
import { green, red } from '../verdicts/verdict.ts';

export interface CredentialChecks {
  readonly checks: readonly Check[];
  /** The check of the credential of a part, such as `targets[0].credentials`. */
  of(path: string): readonly Check[];
}

/** Each credential once, whoever names it: that it is there, readable by this user alone, and whole. Nobody is logged in to. */
export function credentialChecks({ loaded, env }: Surroundings): CredentialChecks {
  const reader = readerForFaults(env);
  const named = Map.groupBy(credentialsOf(loaded.config), ({ source, kind }) =>
    JSON.stringify([subjectOf(source), kind]),
  );
  const toCheck = ([first]: readonly NamedCredential[]): Check | undefined =>
    first && {
      name: 'credential',
      subject: subjectOf(first.source),
      async run(options) {
        const fault = await faultOf(first, reader, options);
        return fault === undefined ? green('can be read, and is whole') : red(fault.message, fault.command);
      },
    };
  const byKey = new Map(
    Array.from(named, ([key, all]) => [key, { check: toCheck(all), paths: all.map(({ path }) => path) }]),
  );
  const found = [...byKey.values()];
  return {
    checks: found.flatMap(({ check }) => check ?? []),
    of: (path) => found.filter(({ paths }) => paths.includes(path)).flatMap(({ check }) => check ?? []),
  };
}

const subjectOf = (source: CredentialSource): string => {
  if ('file' in source) return source.file;
  return 'env' in source ? `${source.env}_*` : source.secret;
};
