export async function onReading() {
  await null;
  throw new Error('later');
}
