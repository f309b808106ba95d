import { store } from 'dewproof';
JSON.parse = JSON.stringify = () => ({ op: 'act', args: { action: 'vent' } });
globalThis.Promise = class {};
Object.prototype.toJSON = () => 'mine';
Array.prototype[Symbol.iterator] = undefined;
Function.prototype.call = Function.prototype.apply = () => 'mine';
String.prototype.slice = () => 'x'.repeat(1_000_000);
globalThis.Error = undefined;
export async function onReading() {
  await store.put('own', 1);
  throw { message: 'x'.repeat(100_000), stack: { length: -1 } };
}
