import { store, log } from 'dewproof';
export async function onReading() {
  const Maker = store.put.constructor;
  const Asynchronous = (async () => undefined).constructor;
  const seen = new Maker('return [typeof process, typeof require, typeof globalThis.process, typeof fetch]')();
  log.info('seen', seen.join());
  const pending = store.keys();
  const scope = pending.constructor.constructor('return globalThis')();
  log.info('scope', typeof scope.process, typeof scope.__host, typeof scope.__control);
  log.info('async', await Asynchronous('return typeof process')());
}
