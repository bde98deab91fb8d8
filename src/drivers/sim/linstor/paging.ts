import type { Properties } from './store.ts';

type Query = Readonly<Record<string, readonly string[]>>;

/** `limit` and `offset`: an offset counts only with a limit above 0. */
export function pageOf<T>(items: readonly T[], query: Query): readonly T[] {
  const limit = Number(query.limit?.[0] ?? 0);
  if (!(limit > 0)) return items;
  const offset = Number(query.offset?.[0] ?? 0);
  return items.slice(offset, offset + limit);
}

/** `props=KEY` and `props=KEY=VALUE`, all of which must hold. */
export function hasProperties(properties: Properties, wanted: readonly string[] | undefined): boolean {
  return (wanted ?? []).every((each) => {
    const index = each.indexOf('=');
    if (index < 0) return properties.has(each);
    return properties.get(each.slice(0, index)) === each.slice(index + 1);
  });
}

/** Names of a repeated query parameter, in any case; undefined where it is not given. */
export function namesOf(values: readonly string[] | undefined): ReadonlySet<string> | undefined {
  return values === undefined ? undefined : new Set(values.map((value) => value.toLowerCase()));
}

/** True when `limit` and `offset` are numbers, where they are given: LINSTOR's server answers others as an unknown path. */
export function isPage(query: Query): boolean {
  return [query.limit, query.offset].every((values) => values === undefined || /^-?\d+$/.test(values[0] ?? ''));
}
