import { describe, expect, test } from 'vitest';
import { isSignedBy } from '../../cli/is-signed-by.ts';
import { DewproofError } from '../../core/errors.ts';
import { factsOf } from '../../core/ledger/facts.ts';
import { openAcceptedSecrets } from '../../edge/secrets/accepted-secrets.ts';
import { createSecrets } from '../../edge/secrets/secrets.ts';
import type { SecretsClient } from '../../edge/secrets/secrets-client.ts';
import { openRecord, sealRecord } from '../../platform/store/checked-record.ts';
import { sublevelOf, type Sublevel } from '../../platform/store/open-store.ts';
import { resource } from '../core/support/samples.ts';
import { vaultOf, walletOf } from '../platform/wallets.ts';
import { createSecretSite, FIRST, recordOf, SECOND } from './support/secret-site.ts';
import { TENANT } from './support/site.ts';
import { openTestStore } from './support/test-store.ts';

const names = { tenant: TENANT, resource: 'climate', name: 'api-key' };
const vault = vaultOf(FIRST);
const document = resource({ secrets: ['api-key'] }, { name: 'climate' });

async function openPart(part: Sublevel, damage: string[] = []) {
  return openAcceptedSecrets(part, { vault, onDamage: ({ code }) => damage.push(code) });
}

async function copyOf(site: Awaited<ReturnType<typeof createSecretSite>>, value: string, version = 1) {
  const { record, copyFor } = await recordOf(site, { value, version });
  return { record, envelope: copyFor(FIRST).envelope };
}

/** Secrets over a part of a database, from a dew that answers `copy`; undefined where there is none around. */
async function secretsOver(
  part: Sublevel,
  {
    site,
    copy,
  }: { site: Awaited<ReturnType<typeof createSecretSite>>; copy: Awaited<ReturnType<typeof copyOf>> | undefined },
) {
  const { chain, genesis, registry } = site.chain.anchor();
  return createSecrets({
    account: walletOf(FIRST).account,
    ledger: { chain, genesis, registry },
    vault,
    isSignedBy,
    keeper: {
      newest: () => ({ state: factsOf(site.chain.state()) }) as never,
      aging: { freshnessOf: () => 'FRESH', vouchedAt: () => undefined },
    },
    store: await openPart(part),
    urls: copy === undefined ? [] : ['http://dew.invalid'],
    clientOf: () => ({ copyOf: () => Promise.resolve(copy) }) as unknown as SecretsClient,
    clock: Date.now,
    onRefusal: () => undefined,
  });
}

describe('what a device accepted', () => {
  test('reads back as it was, and no plaintext of it is on the disk', async () => {
    const site = await createSecretSite();
    const part = sublevelOf(await openTestStore(), 'secrets');
    const copy = await copyOf(site, 'opensesame');
    await (await openPart(part)).put(copy);
    expect((await openPart(part)).get(names)).toEqual(copy);
    const [stored] = await part.values().all();
    expect(stored).toContain(copy.envelope);
    expect(stored).not.toContain('opensesame');
  });

  test('by another hand than its own is not believed: a thief of the disk puts no secret in', async () => {
    const site = await createSecretSite();
    const part = sublevelOf(await openTestStore(), 'secrets');
    const foreign = await openAcceptedSecrets(part, { vault: vaultOf(SECOND), onDamage: () => undefined });
    await foreign.put(await copyOf(site, 'planted'));
    const damage: string[] = [];
    expect((await openPart(part, damage)).get(names)).toBeUndefined();
    expect(damage).toEqual(['STORE_CORRUPT']);
  });

  test('put under another name, or altered in any field, is not believed', async () => {
    const site = await createSecretSite();
    const part = sublevelOf(await openTestStore(), 'secrets');
    await (await openPart(part)).put(await copyOf(site, 'opensesame'));
    const [[key, stored] = ['', '']] = await part.iterator().all();
    const value = JSON.parse(openRecord(stored)) as { record: object; envelope: string };
    const alterations: [string, unknown][] = [
      [key.replace('api-key', 'other'), value],
      [key, { ...value, record: { ...value.record, version: 2 } }],
      [key, { ...value, envelope: null }],
      [key, { ...value, extra: 1 }],
    ];
    for (const [place, altered] of alterations) {
      await part.clear();
      await part.put(place, sealRecord(JSON.stringify(altered)));
      const damage: string[] = [];
      expect((await openPart(part, damage)).list()).toEqual([]);
      expect(damage).toEqual(['STORE_CORRUPT']);
    }
    await part.clear();
    await part.put(key, stored);
    expect((await openPart(part)).list()).toHaveLength(1);
  });
});

describe('a power cut', () => {
  /** Loses power at its write: just before it is on disk, or just after. */
  function cutting(part: Sublevel, moment: 'before' | 'after') {
    const options: unknown[] = [];
    const put = async (key: string, value: string, how: object) => {
      options.push(how);
      if (moment === 'after') await part.put(key, value, how);
      throw new DewproofError('STORE_CORRUPT', 'The power is gone.');
    };
    return { options, part: { iterator: () => part.iterator(), put } as unknown as Sublevel };
  }

  test.each(['before', 'after'] as const)(
    '%s a secret is on disk: it is not used, and after the boot it is there whole or fetched again',
    async (moment) => {
      const site = await createSecretSite();
      const whole = sublevelOf(await openTestStore(), 'secrets');
      const { part, options } = cutting(whole, moment);
      const copy = await copyOf(site, 'opensesame');
      const { signal } = new AbortController();
      const cut = await secretsOver(part, { site, copy });
      await expect(cut.prepare(document, signal)).rejects.toMatchObject({ code: 'SECRET_MISSING' });
      await expect(cut.get(names)).rejects.toMatchObject({ code: 'SECRET_MISSING' });
      // Synced, or the version that was seen could be forgotten.
      expect(options).toMatchObject([{ sync: true }]);

      const booted = await secretsOver(whole, { site, copy: undefined });
      if (moment === 'after') {
        await booted.prepare(document, signal);
        expect(await booted.get(names)).toBe('opensesame');
      } else {
        await expect(booted.prepare(document, signal)).rejects.toMatchObject({ code: 'SECRET_MISSING' });
        const online = await secretsOver(whole, { site, copy });
        await online.prepare(document, signal);
        expect(await online.get(names)).toBe('opensesame');
      }
    },
  );
});
