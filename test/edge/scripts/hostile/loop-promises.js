export async function onReading() {
  for (;;) await null;
}
