export function onReading() {
  const split = () => {
    Promise.resolve().then(split);
    Promise.resolve().then(split);
  };
  split();
}
