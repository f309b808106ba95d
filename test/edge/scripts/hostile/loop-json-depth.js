export function onReading() {
  return JSON.parse('['.repeat(400_000));
}
