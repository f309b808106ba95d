export function onReading() {
  for (;;) {
    try {
      while (true);
    } catch {
      continue;
    }
  }
}
