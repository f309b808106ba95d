export function onReading() {
  let big = 3n ** 10_000n;
  for (;;) big = (big * big) % (1n << 900_000n);
}
