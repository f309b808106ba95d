export function onReading() {
  throw new Error('each time');
}
