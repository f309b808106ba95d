export function view() {
  return 'x'.repeat(400_000);
}
