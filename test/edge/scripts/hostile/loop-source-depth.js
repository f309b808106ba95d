export function onReading() {
  return eval('('.repeat(400_000));
}
