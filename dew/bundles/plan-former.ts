/** What a group was told: the names of facts that stand, and of those that went, with when (Unix seconds) they did. */
export interface Told {
  readonly tells: readonly string[];
  readonly former: ReadonlyMap<string, bigint>;
}

/** Each costs a slot of every bundle. */
export const MOST_FORMER = 2_048;

/**
 * Of facts that went (the newest first) as many as there is room for. Records and devices go before grants and
 * memberships, however new: an edge that a bundle does not tell of a record keeps its last word until that is too old,
 * but lets nobody in by a grant or membership that is left out. So whoever may revoke grants can't bury a resource that
 * moved away under thousands of them.
 */
export function mostNeeded(names: readonly string[]): readonly string[] {
  const isKeptUnsaid = (name: string): boolean => /^(?:record|device)\//.test(name);
  const [keptUnsaid, rest] = [names.filter(isKeptUnsaid), names.filter((name) => !isKeptUnsaid(name))];
  return [...keptUnsaid, ...rest].slice(0, MOST_FORMER);
}

/** The facts that are to be proved gone, or changed, to devices that may still go by them. */
export function formerlyOf({ tells, former }: Told): readonly string[] {
  return [...tells, ...former.keys()];
}

/**
 * What a group was told, with what the ledger says it lost (the newest first): from `at` on, since a device may have been
 * told of it until then.
 */
export function withLost(
  { tells, former }: Told,
  { lost, at }: { readonly lost: readonly string[]; readonly at: bigint },
): Told {
  const told = new Set(formerlyOf({ tells, former }));
  const all = new Map([...lost.filter((name) => !told.has(name)).map((name) => [name, at] as const), ...former]);
  return { tells, former: new Map(mostNeeded([...all.keys()]).map((name) => [name, all.get(name) ?? at])) };
}

/**
 * Which facts of before are still to be told of now that `tells` stand. After `keepSeconds` (the anchor's `maxStaleness`)
 * no device goes by what it was told, and `MOST_FORMER` are enough for who comes by once a month.
 */
export function planFormer(
  before: Told,
  { tells, at, keepSeconds }: { readonly tells: readonly string[]; readonly at: bigint; readonly keepSeconds: number },
): ReadonlyMap<string, bigint> {
  const standing = new Set(tells);
  const gone = formerlyOf(before)
    .filter((name) => !standing.has(name))
    .map((name) => [name, before.former.get(name) ?? at] as const)
    .filter(([, since]) => at - since <= BigInt(keepSeconds))
    .toSorted(([, one], [, other]) => Number(other - one));
  const since = new Map(gone);
  return new Map(mostNeeded([...since.keys()]).map((name) => [name, since.get(name) ?? at]));
}
