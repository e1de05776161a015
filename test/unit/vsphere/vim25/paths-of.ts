import { loadVim25 } from '../../../../lib/vsphere/vim25/vim25.ts';

/** Every path of a managed object type that goes through data objects and no array, to a depth of so many names. */
export function pathsOf(type: string, { depth }: { depth: number }): readonly string[] {
  const found: string[] = [];
  const vim25 = loadVim25();
  const walk = (name: string, before: string, left: number): void => {
    for (const property of vim25.type(name)?.properties.values() ?? []) {
      const path = before + property.name;
      found.push(path);
      const isWay = !property.isArray && vim25.type(property.type)?.kind === 'data object';
      if (isWay && left > 1) walk(property.type, `${path}.`, left - 1);
    }
  };
  walk(type, '', depth);
  return found;
}
