export function onReading() {
  // Within what one event may take, again and again.
  let sum = 0;
  for (let step = 0; step < 1_000_000; step += 1) sum += step;
  return sum;
}
