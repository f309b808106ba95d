export function onReading() {
  const map = new Map();
  for (let key = 0; ; key += 1) map.set({ key }, [key, `${key}`]);
}
