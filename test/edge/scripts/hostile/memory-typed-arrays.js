export function onReading() {
  const all = [];
  for (;;) all.push(new Uint8Array(500_000));
}
