const kept = [];
export function onReading() {
  for (;;) kept.push(new Uint8Array(10_000));
}
