export function view() {
  return { then: () => undefined };
}
