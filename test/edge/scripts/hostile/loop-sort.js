export function onReading() {
  const list = Array.from({ length: 1000 }, (_, index) => index);
  list.sort(() => {
    while (true);
  });
}
