/**
 * Tells whether some topic matches both filters (MQTT 3.1.1 section 4.7); a topic is a filter without wildcards, so
 * this answers too whether a topic matches a filter.
 */
export function filtersOverlap([first, second]: readonly [string, string]): boolean {
  return levelsOverlap([first.split('/'), second.split('/')]);
}

function levelsOverlap([first, second]: readonly [readonly string[], readonly string[]]): boolean {
  for (let index = 0; ; index += 1) {
    const [one, other] = [first[index], second[index]];
    // `a/#` matches `a` as well, so `#` matches also where the other has ended.
    if (one === '#' || other === '#') return true;
    if (one === undefined || other === undefined) return one === other;
    if (one !== '+' && other !== '+' && one !== other) return false;
  }
}
