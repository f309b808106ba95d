// Newer Nodes (22.19, 23.9) count a thread's own time; without it the wall's stands in, which is never less.
const usage = (process as { threadCpuUsage?: () => { readonly user: number; readonly system: number } }).threadCpuUsage;

/** Processor time that this thread took, in milliseconds. */
export function threadCpuClock(): number {
  if (usage === undefined) return performance.now();
  const { user, system } = usage.call(process);
  return (user + system) / 1000;
}
