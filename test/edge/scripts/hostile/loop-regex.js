export function onReading() {
  return /^(a+)+$/.test('a'.repeat(40) + 'b');
}
