import { loadVim25 } from '../vsphere/vim25/vim25.ts';

/** The names of all classes of events that the API has. */
export const eventClasses = (): readonly string[] =>
  loadVim25()
    .subtypesOf('Event')
    .map(({ name }) => name);
