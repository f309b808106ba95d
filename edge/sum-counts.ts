/** Counts by reason, of several who count, as one. */
export function sumCounts(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const [reason, count] of counts.flatMap((one) => Object.entries(one))) sum[reason] = (sum[reason] ?? 0) + count;
  return sum;
}
