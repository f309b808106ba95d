export function view() {
  const cycle = {};
  cycle.cycle = cycle;
  return cycle;
}
