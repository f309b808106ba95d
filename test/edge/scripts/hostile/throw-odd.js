export function onReading() {
  throw Symbol('odd');
}
