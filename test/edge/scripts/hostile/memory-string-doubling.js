export function onReading() {
  const all = [];
  for (;;) {
    let text = 'a' + all.length;
    for (let round = 0; round < 18; round += 1) text += text;
    all.push(text.split('').join('-'));
  }
}
