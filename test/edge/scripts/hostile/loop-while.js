export function onReading() {
  while (true);
}
