/** Free descriptions of a device or a resource. */
export type Labels = Readonly<Record<string, string>>;

/** Tells whether `labels` has every wanted one with the very same value. */
export function satisfiesLabels(labels: Labels, { wanted }: { wanted: Labels }): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}
