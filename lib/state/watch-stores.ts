import { StateError } from './errors.ts';

/** Whether the state table did all that was asked of it. */
export interface StateWatch {
  isUp(): boolean;
}

/** The same stores, and a watch over the calls that are made through them. */
export function watchStores<Stores extends Readonly<Record<string, object>>>(
  stores: Stores,
): { readonly stores: Stores; readonly watch: StateWatch } {
  let up = true;
  const note = (error: unknown) => {
    if (error instanceof StateError) up = false;
  };
  const watched = Object.entries(stores).map(([name, store]) => [name, watchCalls(store, note)]);
  return { stores: Object.fromEntries(watched) as Stores, watch: { isUp: () => up } };
}

function watchCalls<Store extends object>(store: Store, onError: (error: unknown) => void): Store {
  return new Proxy(store, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]) => {
        try {
          return await value.apply(target, args);
        } catch (error) {
          onError(error);
          throw error;
        }
      };
    },
  });
}
