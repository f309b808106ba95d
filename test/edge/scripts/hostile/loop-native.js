export function onReading() {
  // One call into native code that takes minutes: nothing interrupts it.
  return 'a'.repeat(1_000_000).indexOf('a'.repeat(500_000) + 'b');
}
