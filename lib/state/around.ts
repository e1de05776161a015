import { StateError } from './errors.ts';

/** What is done around the calls of one function of a store. */
export interface AroundCall<Args extends readonly unknown[], Answer> {
  /** The call waits for it, and fails with it; what it resolves to is handed to `answered`. */
  readonly before?: (args: Args) => unknown;
  readonly answered?: (answer: Answer, args: Args, before: unknown) => void;
  /** Answers in place of a call that failed, or throws. */
  readonly failed?: (error: unknown, args: Args) => Answer;
}

/** By function. */
export type Around<Store> = {
  readonly [Name in keyof Store]?: Store[Name] extends (...args: infer Args) => Promise<infer Answer>
    ? AroundCall<Args, Answer>
    : never;
};

/** The same store, around whose calls something is done. */
export const around = <Store extends object>(store: Store, calls: Around<Store>): Store =>
  aroundEach(store, (name) => (calls as Readonly<Record<PropertyKey, AnyCall | undefined>>)[name] ?? {});

type AnyCall = AroundCall<unknown[], unknown>;

function aroundEach<Store extends object>(store: Store, callOf: (name: PropertyKey) => AnyCall): Store {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      const { before, answered, failed } = callOf(name);
      return async (...args: unknown[]) => {
        try {
          const begun = before && (await before(args));
          const answer: unknown = await value.apply(target, args);
          answered?.(answer, args, begun);
          return answer;
        } catch (error) {
          if (failed === undefined) throw error;
          return failed(error, args);
        }
      };
    },
  });
}

/** Whether the state table did all that was asked of it. */
export interface StateWatch {
  isUp(): boolean;
}

/** The same stores, and a watch over the calls that are made through them. */
export function watchStores<Stores extends Readonly<Record<string, object>>>(
  stores: Stores,
): { readonly stores: Stores; readonly watch: StateWatch } {
  let up = true;
  const failed = (error: unknown) => {
    if (error instanceof StateError) up = false;
    throw error;
  };
  const watched = Object.entries(stores).map(([name, store]) => [
    name,
    aroundEach(store, () => ({ failed })),
  ]);
  return { stores: Object.fromEntries(watched) as Stores, watch: { isUp: () => up } };
}
