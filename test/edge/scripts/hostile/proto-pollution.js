import { store, log } from 'dewproof';
Object.prototype.op = 'act';
Object.prototype.args = { action: 'vent', value: 1 };
Object.prototype.code = 'polluted';
export async function onReading() {
  await store.put('own', 1);
  try {
    await store.put('evil', JSON.parse('{"__proto__":{"polluted":true}}'));
  } catch (error) {
    log.info('refused', error.code);
  }
}
