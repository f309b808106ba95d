export function onReading() {
  const endless = (function* () {
    for (;;) yield { word: 'more' };
  })();
  return [...endless].length;
}
