import type { OwnMetricConfig } from '../../config/own-metrics.ts';
import { KINDS } from '../../inventory/kinds.ts';
import { nearestName } from '../../platform/nearest-name.ts';
import { loadVim25 } from '../../vsphere/vim25/vim25.ts';
import { kindOfType, type NamedOwn, type OwnFault, splitOwn } from './own-kind.ts';
import { labelsOfKind } from './reserved-names.ts';

/** The types of objects that own metrics can be about. */
export const OWN_TYPES: readonly string[] = KINDS.flatMap(({ types: [type = ''] }) =>
  kindOfType(type) === undefined ? [] : [type],
);

/** Why nothing of the metric can be looked up: it has no type, or one that is not listed. */
export function checkOwnType(
  { preset }: Pick<NamedOwn, 'preset'>,
  { at, written }: { readonly at: string; readonly written: OwnMetricConfig['each'] },
): readonly OwnFault[] | undefined {
  const { type, what } = splitOwn(written);
  if (what === '') {
    return [
      { at, message: `write a type of object, a space and what is read, such as "${OWN_TYPES[0]} name"` },
    ];
  }
  const kind = kindOfType(type);
  if (kind !== undefined) {
    if (labelsOfKind(kind, preset) !== undefined) return undefined;
    return [
      {
        at,
        message: `the preset ${preset} has no labels for a ${type}; write preset: [vmware_exporter, otel]`,
      },
    ];
  }
  const nearest = nearestName(type, OWN_TYPES);
  const isKnown = loadVim25().type(type)?.kind === 'managed object';
  const why = isKnown
    ? `objects of the type ${type} are not collected`
    : `there is no type ${type} of objects`;
  const hint = nearest === undefined || isKnown ? '' : `did you mean ${nearest}? `;
  return [{ at, message: `${why}; ${hint}Own metrics are of ${OWN_TYPES.join(', ')}` }];
}
