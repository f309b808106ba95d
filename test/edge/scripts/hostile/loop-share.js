export function onReading() {
  const until = Date.now() + 60;
  while (Date.now() < until);
}
