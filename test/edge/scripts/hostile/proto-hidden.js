import * as all from 'dewproof';
export function onReading() {
  const hidden = ['__host', '__control', 'std', 'os', 'process', 'require', 'Worker', 'WebAssembly'];
  all.log.info('found', hidden.filter((name) => typeof globalThis[name] !== 'undefined').join() || 'nothing');
  try {
    all.store.put = () => undefined;
  } catch (error) {
    all.log.info('frozen', error.name);
  }
  all.log.info('stack', /worker|node|file:/.test(new Error().stack));
}
