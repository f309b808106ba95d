import { sign, verify } from 'node:crypto';
import { expect, test } from 'vitest';
import { createWitnessKey, openWitnessKey } from '../../../chain/witness/witness-key.ts';
import { createPublicKey } from 'node:crypto';

const made = await createWitnessKey({ name: 'witness.example', password: 'right' });

test('a key is opened by its password', async () => {
  const witness = await openWitnessKey({ json: made.json, password: 'right' });
  expect(witness).toMatchObject(made.witness);
  const message = Buffer.from('message');
  const signature = sign(null, message, witness.privateKey);
  expect(verify(null, message, createPublicKey(witness.privateKey), signature)).toBe(true);
});

test.each([
  ['another password', made.json, 'wrong', 'WRONG_PASSWORD'],
  ['another name', made.json.replace('witness.example', 'witness.examples'), 'right', 'WRONG_PASSWORD'],
  ['another public key', made.json.replace(made.witness.publicKey, `0x${'11'.repeat(32)}`), 'right', 'WRONG_PASSWORD'],
  ['dearer scrypt', made.json.replace('32768', '1048576'), 'right', 'SCHEMA'],
  ['no JSON', 'x', 'right', 'SCHEMA'],
  ['a further field', made.json.replace('{', '{"x":1,'), 'right', 'SCHEMA'],
])('%s is refused', async (_, json, password, code) => {
  await expect(openWitnessKey({ json, password })).rejects.toMatchObject({ code });
});

test('a name that no anchor takes makes no key', async () => {
  await expect(createWitnessKey({ name: 'No Name', password: 'x' })).rejects.toMatchObject({ code: 'SCHEMA' });
});
