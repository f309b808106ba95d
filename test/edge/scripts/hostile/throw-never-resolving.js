export function onReading() {
  return new Promise(() => undefined);
}
