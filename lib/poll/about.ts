import { pickFields } from './data-object.ts';
import type { PollMethod } from './method.ts';

/** What a vCenter or ESXi says of itself. */
export const about: PollMethod = {
  name: 'about',
  summary: 'product and version of the vCenter or ESXi host',
  requiredKeys: [],
  propertiesOf: 'AboutInfo',
  successMessage: 'Successfully retrieved properties',
  run: async ({ about: { fields } }, { properties }) => {
    const asked = properties.length === 0 ? ['fullName'] : properties;
    return [pickFields(Object.fromEntries(fields), { type: 'AboutInfo', fields: asked })];
  },
};
