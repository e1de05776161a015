import type { PollMethod } from './method.ts';
import type { JsonValue } from './reply.ts';

/** What a vCenter or ESXi says of itself; AboutInfo in the vSphere API. */
export const about: PollMethod = {
  name: 'about',
  requiredKeys: [],
  successMessage: 'Successfully retrieved properties',
  run: async ({ about: { fields } }, { properties }) => {
    const paths = properties.length === 0 ? ['fullName'] : properties;
    return [Object.fromEntries(paths.map((path) => [path, fieldOf(fields, path)]))];
  },
};

/** A field that is unset is null; what is no field of AboutInfo is `(null)`. */
function fieldOf(fields: ReadonlyMap<string, string>, path: string): JsonValue {
  return fields.get(path) ?? (ABOUT_FIELDS.has(path) ? null : '(null)');
}

const ABOUT_FIELDS: ReadonlySet<string> = new Set([
  'name',
  'fullName',
  'vendor',
  'version',
  'patchLevel',
  'build',
  'localeVersion',
  'localeBuild',
  'osType',
  'productLineId',
  'apiType',
  'apiVersion',
  'instanceUuid',
  'licenseProductName',
  'licenseProductVersion',
]);
