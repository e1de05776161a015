/** One value for all who ask, unless it could not be had. */
export interface Once<T> {
  get(make: () => Promise<T>): Promise<T>;
  forget(): void;
}

export function makeOnce<T>(): Once<T> {
  let value: Promise<T> | undefined;
  return {
    get(make) {
      if (value !== undefined) return value;
      const made = make();
      value = made;
      made.catch(() => {
        value = undefined;
      });
      return made;
    },
    forget() {
      value = undefined;
    },
  };
}
