class Trap extends Error {
  get message() {
    while (true);
  }
  get stack() {
    throw this;
  }
}
export function onReading() {
  throw new Trap();
}
