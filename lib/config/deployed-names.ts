/** The stack's name, by which commands find what is deployed. */
export const STACK = 'Vsweep';

/** The name of a function of a stack: known without asking AWS, and the same after every deployment. */
export const functionNameOf = (stack: string, name: 'sweep' | 'collect-batch' | 'poll'): string =>
  `${stack}-${name}`;
