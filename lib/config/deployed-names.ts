/** The stack's name where the configuration has none, by which commands find what is deployed. */
export const STACK = 'Vsweep';

/** The name of the stack that a configuration describes. */
export const stackOf = ({ aws }: { readonly aws?: { readonly stack: string } | undefined }): string =>
  aws?.stack ?? STACK;

/** The name of a function of a stack: known without asking AWS, and the same after every deployment. */
export const functionNameOf = (stack: string, name: 'sweep' | 'collect-batch' | 'poll'): string =>
  `${stack}-${name}`;
