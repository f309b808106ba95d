export function onReading() {
  const down = () => down() + 1;
  return down();
}
