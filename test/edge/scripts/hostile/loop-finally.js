export function onReading() {
  for (;;) {
    try {
      while (true);
    } finally {
      continue;
    }
  }
}
