/** The collections that a change in progress has copied already, and may therefore write to. */
export type Owned = WeakSet<object>;

/** `map` with `value` under `key`; copies it the first time only, and never touches one that is not owned. */
export function put<Key, Value>(
  owned: Owned,
  map: ReadonlyMap<Key, Value>,
  [key, value]: readonly [Key, Value],
): ReadonlyMap<Key, Value> {
  return ownMap(owned, map).set(key, value);
}

/** `map` without `key`; `map` itself where the key is not there. */
export function drop<Key, Value>(owned: Owned, map: ReadonlyMap<Key, Value>, key: Key): ReadonlyMap<Key, Value> {
  if (!map.has(key)) return map;
  const copy = ownMap(owned, map);
  copy.delete(key);
  return copy;
}

/** `set` with `value`. */
export function add<Value>(owned: Owned, set: ReadonlySet<Value>, value: Value): ReadonlySet<Value> {
  if (owned.has(set)) return (set as Set<Value>).add(value);
  const copy = new Set(set).add(value);
  owned.add(copy);
  return copy;
}

function ownMap<Key, Value>(owned: Owned, map: ReadonlyMap<Key, Value>): Map<Key, Value> {
  if (owned.has(map)) return map as Map<Key, Value>;
  const copy = new Map(map);
  owned.add(copy);
  return copy;
}
