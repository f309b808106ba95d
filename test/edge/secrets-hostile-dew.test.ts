import { describe, expect, test } from 'vitest';
import { groupIdOf } from '../../core/ids.ts';
import type { SecretCopy } from '../../core/wire/secrets.ts';
import { vaultOf, walletOf } from '../platform/wallets.ts';
import { temporaryFolder } from '../platform/temporary-folder.ts';
import { startHostileSecretsDew, type HostileSecretsDew } from './support/hostile-secrets-dew.ts';
import {
  createSecretSite,
  enrol,
  FIRST,
  grantManage,
  recordOf,
  SECOND,
  startSecretEdge,
  type SecretEdge,
} from './support/secret-site.ts';
import { resourceOf, TENANT, type Site } from './support/site.ts';
import { accountSubject } from '../../core/ids.ts';
import { eventually } from './support/test-edge.ts';

const names = { tenant: TENANT, resource: 'climate', name: 'api-key' };
const ROGUE = 9;

async function startSite() {
  const site = await createSecretSite();
  const hostile = await startHostileSecretsDew(site);
  await site.publish('climate', { secrets: ['api-key'] });
  hostile.dew.assign('climate');
  return { site, hostile };
}

/** A right answer, for the first device. */
async function copyOf(site: Site, of: Parameters<typeof recordOf>[1]): Promise<SecretCopy> {
  const { record, copyFor } = await recordOf(site, of);
  return { record, envelope: of.value === undefined ? null : copyFor(FIRST).envelope };
}

const codesOf = (edge: SecretEdge): readonly string[] => edge.status().refusals.map(({ code }) => code);

/** Waits until a dew was asked some times more: what it says by now was looked at. */
async function waitForVisits(hostile: HostileSecretsDew): Promise<void> {
  const until = hostile.visits + 3;
  await eventually(() => {
    expect(hostile.visits).toBeGreaterThanOrEqual(until);
  });
}

describe('a resource does not start with', () => {
  test.each<readonly [string, string, (site: Site) => Promise<SecretCopy | string>]>([
    [
      'a secret of an account that may not manage it',
      'FORBIDDEN',
      (site) => copyOf(site, { value: 'x', wallet: ROGUE }),
    ],
    ["another resource's record and copy", 'WRONG_RESOURCE', (site) => copyOf(site, { value: 'x', resource: 'vents' })],
    ["another secret's record and copy", 'WRONG_RESOURCE', (site) => copyOf(site, { value: 'x', name: 'other' })],
    [
      "another secret's copy under its record",
      'DIGEST_MISMATCH',
      async (site) => {
        const other = await copyOf(site, { value: 'x', name: 'other' });
        return { ...(await copyOf(site, { value: 'x' })), envelope: other.envelope };
      },
    ],
    [
      "another version's copy under its record",
      'DIGEST_MISMATCH',
      async (site) => {
        const old = await copyOf(site, { value: 'x' });
        return { ...(await copyOf(site, { value: 'x', version: 2 })), envelope: old.envelope };
      },
    ],
    [
      "another device's copy",
      'DIGEST_MISMATCH',
      async (site) => {
        const { record, copyFor } = await recordOf(site, { value: 'x' });
        return { record, envelope: copyFor(SECOND).envelope };
      },
    ],
    [
      'another value, which a device that sealed it on put in',
      'DIGEST_MISMATCH',
      async (site) => {
        const { record, copyFor } = await recordOf(site, { value: 'x' });
        return { record, envelope: copyFor(FIRST, 'y').envelope };
      },
    ],
    [
      'a record that was altered after it was signed',
      'UNAUTHENTICATED',
      async (site) => {
        const right = await copyOf(site, { value: 'x' });
        return { ...right, record: { ...right.record, version: 7 } };
      },
    ],
    [
      "another ledger's record",
      'WRONG_CHAIN',
      async (site) => {
        const anchor = { ...site.chain.anchor(), chain: 'memory:other' };
        const elsewhere = { ...site, chain: { ...site.chain, anchor: () => anchor } };
        return copyOf(elsewhere, { value: 'x' });
      },
    ],
    ['more than a secret can be', 'ENDLESS_DATA', () => Promise.resolve(' '.repeat(600_000))],
    ['something that is no secret', 'SCHEMA', () => Promise.resolve('{"record":{},"envelope":null,"value":"x"}')],
  ])('%s: %s', async (_, code, make) => {
    const { site, hostile } = await startSite();
    hostile.copy = await make(site);
    const edge = await startSecretEdge(site, { dewUrls: [hostile.dew.url] });
    await eventually(() => {
      expect(codesOf(edge)).toEqual(expect.arrayContaining([code, 'SECRET_MISSING']));
    });
    expect(edge.runtime.journal).toEqual([]);
    expect(hostile.rejected > 0).toBe(code === 'DIGEST_MISMATCH');
    // And starts once a dew has the right one.
    hostile.copy = await copyOf(site, { value: 'right', version: 8 });
    hostile.offered = [{ ...names, version: 8 }];
    await eventually(() => {
      expect(edge.stateOf('climate')).toBe('RUNNING');
    });
    expect(await edge.secret('api-key')).toBe('right');
  });
});

test('a manager whose grant was revoked sets nothing any more; what it set before goes on', async () => {
  const { site, hostile } = await startSite();
  await grantManage(site, walletOf(ROGUE).account);
  hostile.copy = await copyOf(site, { value: 'early', wallet: ROGUE });
  const edge = await startSecretEdge(site, { dewUrls: [hostile.dew.url] });
  await eventually(() => {
    expect(edge.stateOf('climate')).toBe('RUNNING');
  });
  const subject = accountSubject(walletOf(ROGUE).account);
  await site.do({ type: 'revoke-grant', resource: resourceOf('climate'), subject });
  const { height } = site.chain.mine();
  await eventually(() => {
    expect(edge.status().head?.height).toBeGreaterThanOrEqual(Number(height));
  });
  hostile.copy = await copyOf(site, { value: 'late', version: 2, wallet: ROGUE });
  hostile.offered = [{ ...names, version: 2 }];
  await eventually(() => {
    expect(codesOf(edge)).toContain('FORBIDDEN');
  });
  expect(await edge.secret('api-key')).toBe('early');
});

describe('a version that was accepted', () => {
  test.each([
    ['an older one', 'ROLLBACK', { value: 'old', version: 2 }],
    ['another of the same number', 'EQUIVOCATION', { value: 'other', version: 3 }],
    ['one that leaves no room', 'FAST_FORWARD', { value: 'far', version: 1004 }],
  ])('is not replaced by %s (%s), not even after a boot', async (_, code, replayed) => {
    const { site, hostile } = await startSite();
    hostile.copy = await copyOf(site, { value: 'newest', version: 3 });
    const dataFolder = temporaryFolder();
    const edge = await startSecretEdge(site, { dewUrls: [hostile.dew.url], dataFolder });
    await eventually(() => {
      expect(edge.stateOf('climate')).toBe('RUNNING');
    });
    hostile.copy = await copyOf(site, replayed);
    hostile.offered = [{ ...names, version: 1004 }];
    for (const running of [edge, undefined]) {
      const now = running ?? (await startSecretEdge(site, { dewUrls: [hostile.dew.url], dataFolder }));
      await eventually(() => {
        expect(codesOf(now)).toContain(code);
        expect(now.stateOf('climate')).toBe('RUNNING');
      });
      expect(await now.secret('api-key')).toBe('newest');
      await now.close();
    }
  });
});

describe('sealing on', () => {
  async function startHolder() {
    const { site, hostile } = await startSite();
    hostile.copy = await copyOf(site, { value: 'x' });
    const edge = await startSecretEdge(site, { dewUrls: [hostile.dew.url] });
    hostile.offered = [{ ...names, version: 1 }];
    await eventually(() => {
      expect(edge.stateOf('climate')).toBe('RUNNING');
    });
    return { site, hostile, edge };
  }

  const copiesIn = ({ uploads }: HostileSecretsDew) =>
    uploads.flatMap(({ copies }) => copies.map(({ recipient }) => recipient));

  test.each<readonly [string, string, (site: Site) => Promise<unknown>]>([
    ['nobody knows', 'FORBIDDEN', () => Promise.resolve()],
    [
      'is suspended',
      'FORBIDDEN',
      async (site) => site.do({ type: 'set-device-status', account: await enrol(site, SECOND), status: 'suspended' }),
    ],
    [
      'is of another group',
      'FORBIDDEN',
      async (site) =>
        site.do({
          type: 'set-device-group',
          account: await enrol(site, SECOND),
          group: groupIdOf({ tenant: TENANT, name: 'elsewhere' }),
        }),
    ],
    [
      'is no edge',
      'FORBIDDEN',
      (site) =>
        site.do({
          type: 'enrol-device',
          account: walletOf(SECOND).account,
          kind: 'dew',
          group: groupIdOf({ tenant: TENANT, name: 'barn-7' }),
          profile: undefined,
        }),
    ],
  ])('is refused for a device that %s: %s', async (_, code, prepare) => {
    const { site, hostile, edge } = await startHolder();
    await prepare(site);
    const { height } = site.chain.mine();
    await eventually(() => {
      expect(edge.status().head?.height).toBeGreaterThanOrEqual(Number(height));
    });
    hostile.keys.set(walletOf(SECOND).account, vaultOf(SECOND).publicKey);
    hostile.wanted = [{ ...names, version: 1, recipient: walletOf(SECOND).account }];
    await eventually(() => {
      expect(codesOf(edge)).toContain(code);
    });
    await waitForVisits(hostile);
    expect(copiesIn(hostile)).not.toContain(walletOf(SECOND).account);
  });

  test("is refused with a key of the dew's own, and done with the device's", async () => {
    const { site, hostile, edge } = await startHolder();
    const second = await enrol(site, SECOND);
    hostile.keys.set(second, vaultOf(ROGUE).publicKey);
    hostile.wanted = [{ ...names, version: 1, recipient: second }];
    await eventually(() => {
      expect(codesOf(edge)).toContain('WRONG_DEVICE');
    });
    await waitForVisits(hostile);
    expect(copiesIn(hostile)).not.toContain(second);
    hostile.keys.set(second, vaultOf(SECOND).publicKey);
    await eventually(() => {
      expect(copiesIn(hostile)).toContain(second);
    });
  });

  test('of a resource that is not active here is refused', async () => {
    const { site, hostile, edge } = await startHolder();
    const second = await enrol(site, SECOND);
    hostile.keys.set(second, vaultOf(SECOND).publicKey);
    await site.revoke('climate', 1);
    await eventually(() => {
      expect(codesOf(edge)).toContain('REVOKED');
    });
    hostile.wanted = [{ ...names, version: 1, recipient: second }];
    await eventually(() => {
      expect(codesOf(edge)).toContain('FORBIDDEN');
    });
    expect(copiesIn(hostile)).not.toContain(second);
  });

  test('tells its own public key to a dew that lacks it, and gives back what a dew lost', async () => {
    const { hostile } = await startHolder();
    expect(JSON.parse(hostile.told[0] ?? '')).toEqual({ publicKey: vaultOf(FIRST).publicKey });
    hostile.offered = [];
    await eventually(() => {
      expect(hostile.uploads.at(-1)).toMatchObject({
        record: { version: 1 },
        copies: [{ recipient: walletOf(FIRST).account }],
      });
    });
  });
});
