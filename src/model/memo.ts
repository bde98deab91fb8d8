/**
 * The function, evaluated once for each object. For pure functions of objects that never change, as everything is that
 * has been read: whoever looks again at what has not changed gets the very same answer.
 */
export function oncePer<Key extends object, Result>(make: (key: Key) => Result): (key: Key) => Result {
  const results = new WeakMap<Key, { readonly result: Result }>();
  return (key) => {
    const kept = results.get(key);
    if (kept !== undefined) return kept.result;
    const result = make(key);
    results.set(key, { result });
    return result;
  };
}

/**
 * Keeps the last result for the first of several dependencies, and answers it again for as long as all of them are the
 * same (objects by identity). The dependencies must be all that `make` looks at.
 */
export function keepLast<Result>(): (dependencies: readonly [object, ...unknown[]], make: () => Result) => Result {
  const kept = new WeakMap<object, { readonly dependencies: readonly unknown[]; readonly result: Result }>();
  return (dependencies, make) => {
    const last = kept.get(dependencies[0]);
    if (last !== undefined && areSame(last.dependencies, dependencies)) return last.result;
    const result = make();
    kept.set(dependencies[0], { dependencies, result });
    return result;
  };
}

function areSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}
