let last = () => 0;
export function onReading() {
  last = () => 0;
  for (;;) {
    const before = last;
    last = () => before;
  }
}
