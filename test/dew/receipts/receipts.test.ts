import { describe, expect, test } from 'vitest';
import { ANY_RESOURCE, accountSubject, resourceIdOf } from '../../../core/ids.ts';
import { NEVER } from '../../../core/policy.ts';
import type { Envelope } from '../../../core/receipts/envelope.ts';
import type { Receipt } from '../../../core/receipts/receipt.ts';
import { verifyReceiptFile } from '../../../core/receipts/receipt-file.ts';
import { parseReceiptsAnswer, parseReceiptsPage, type ReceiptsAnswer } from '../../../core/wire/receipts.ts';
import { isSignedBy } from '../../../cli/is-signed-by.ts';
import { receiptOf, signed } from '../../core/support/receipts.ts';
import { TENANT } from '../support/documents.ts';
import { accountOf, cast, openSite, type Caller, type Site } from '../support/site.ts';

interface Made {
  readonly envelope: Envelope;
  readonly digest: `sha256:${string}`;
}

async function openReceipts() {
  const site = await openSite();
  await site.enrol('edge');
  await site.enrol('secondEdge');
  const ledger = await site.chain.ledgerOf().identity();
  const make = (changed: Partial<Receipt> = {}, signer: Caller = 'edge'): Promise<Made> =>
    signed(receiptOf({ device: accountOf(signer), ledger, previous: undefined, ...changed }), cast[signer]);
  await caughtUp(site);
  return { site, make, ledger };
}

/** The dew knows the devices that were enrolled a moment ago. */
async function caughtUp(site: Site): Promise<void> {
  await expect.poll(() => standingOf(site)).toBe('ok');
}

/** What the dew knows of the device. */
async function standingOf(site: Site): Promise<string> {
  return (await site.call('edge', `GET /v1/assignments/${accountOf('edge')}`)).code;
}

function post(site: Site, made: readonly Made[], caller: Caller = 'edge') {
  return site.call(caller, 'POST /v1/receipts', { body: bodyOf({ receipts: made.map(({ envelope }) => envelope) }) });
}

async function answerOf(site: Site, made: readonly Made[]): Promise<ReceiptsAnswer> {
  return parseReceiptsAnswer(JSON.parse(Buffer.from((await post(site, made)).body).toString()));
}

async function pageOf(site: Site, query = '', caller: Caller = 'publisher') {
  const { body } = await site.call(caller, `GET /v1/receipts${query}`);
  const page = parseReceiptsPage(JSON.parse(Buffer.from(body).toString()));
  const receipts = page.receipts.map((file) => verifyReceiptFile(file, { isSignedBy }).receipt);
  return { ...page, sequences: receipts.map(({ sequence }) => sequence), names: receipts.map(({ name }) => name) };
}

const bodyOf = (value: unknown) => Buffer.from(JSON.stringify(value));

describe('receipts of devices', () => {
  test('are taken, once, and kept over a restart', async () => {
    const { site, make } = await openReceipts();
    const first = await make({ sequence: 1 });
    const second = await make({ sequence: 2, previous: first.digest });
    expect(await answerOf(site, [first, second])).toEqual({
      taken: [first.digest, second.digest],
      refused: [],
      anchoredTo: null,
    });
    expect(await answerOf(site, [first])).toMatchObject({ taken: [first.digest] });
    expect(site.dew.status().receipts).toMatchObject({ kept: 2, pending: 2, conflicts: 0 });
    const again = await site.restart();
    expect((await pageOf(again)).sequences).toEqual([1, 2]);
    expect(again.dew.status().receipts).toMatchObject({ kept: 2, pending: 2 });
  });

  test('are taken of active devices of its groups alone', async () => {
    const { site, make } = await openReceipts();
    const one = await make();
    expect((await post(site, [one], 'stranger')).code).toBe('NOT_ENROLLED');
    expect((await site.call(undefined, 'POST /v1/receipts', { body: bodyOf({ receipts: [one.envelope] }) })).code).toBe(
      'UNAUTHENTICATED',
    );
    await site.submit('registrar', {
      type: 'set-device-group',
      account: accountOf('edge'),
      group: `0x${'11'.repeat(32)}`,
    });
    await expect.poll(() => standingOf(site)).toBe('WRONG_GROUP');
    expect((await post(site, [one])).code).toBe('WRONG_GROUP');
    await site.submit('registrar', { type: 'set-device-status', account: accountOf('edge'), status: 'suspended' });
    await expect.poll(() => standingOf(site)).toBe('SUSPENDED');
    expect((await post(site, [one])).code).toBe('SUSPENDED');
    expect((await pageOf(site)).receipts).toEqual([]);
  });

  test.each([
    ["another device's", 'WRONG_DEVICE', ({ make }: Opened) => make({}, 'secondEdge')],
    [
      'of another chain',
      'WRONG_CHAIN',
      ({ make, ledger }: Opened) => make({ ledger: { ...ledger, chain: 'eip155:1' } }),
    ],
    [
      'of another contract',
      'WRONG_CHAIN',
      ({ make, ledger }: Opened) => make({ ledger: { ...ledger, registry: '0x01' } }),
    ],
    [
      'of a copy of the chain, with another first block',
      'WRONG_CHAIN',
      ({ make, ledger }: Opened) => make({ ledger: { ...ledger, genesis: `0x${'0e'.repeat(32)}` } }),
    ],
    [
      'changed on the way',
      'PROOF_INVALID',
      async ({ make }: Opened) => {
        const [one, other] = [await make(), await make({ name: 'pump' })];
        return { ...one, envelope: { ...one.envelope, payload: other.envelope.payload } };
      },
    ],
  ] as const)('are refused one by one, the others are taken: %s', async (_, code, bad) => {
    const opened = await openReceipts();
    const { site, make } = opened;
    const [wrong, good] = [await bad(opened), await make({ sequence: 9 })];
    const answer = await answerOf(site, [wrong, good]);
    expect(answer.taken).toEqual([good.digest]);
    expect(answer.refused.map((one) => one.code)).toEqual([code]);
    expect((await pageOf(site)).sequences).toEqual([9]);
  });

  test.each([
    ['no JSON', Buffer.from('{'), 'SCHEMA'],
    ['nothing', bodyOf({ receipts: [] }), 'SCHEMA'],
    ['more fields', bodyOf({ receipts: [], also: 1 }), 'SCHEMA'],
    ['no envelopes', bodyOf({ receipts: [{}] }), 'SCHEMA'],
    ['too much', Buffer.alloc(524_289, 0x20), 'ENDLESS_DATA'],
  ])('that are %s are refused as a whole', async (_, body, code) => {
    const { site } = await openReceipts();
    expect((await site.call('edge', 'POST /v1/receipts', { body })).code).toBe(code);
  });
});

type Opened = Awaited<ReturnType<typeof openReceipts>>;

describe('a device that signs two histories', () => {
  test('is refused the second receipt of a number; both are kept as evidence, over a restart', async () => {
    const { site, make } = await openReceipts();
    const [first, other] = [await make({ sequence: 5 }), await make({ sequence: 5, name: 'pump' })];
    await answerOf(site, [first]);
    expect(await answerOf(site, [other])).toMatchObject({
      taken: [],
      refused: [{ digest: other.digest, code: 'EQUIVOCATION' }],
    });
    expect((await pageOf(site)).names).toEqual(['barn-climate']);
    const again = await site.restart();
    expect((await pageOf(again, '?conflicts=true')).names).toEqual(['barn-climate', 'pump']);
    expect((await pageOf(again, `?conflicts=true&device=${accountOf('secondEdge')}`)).names).toEqual([]);
    expect(again.dew.status().receipts.conflicts).toBe(1);
  });

  test('is refused what goes on from another receipt than the one before, in either order', async () => {
    const { site, make } = await openReceipts();
    const first = await make({ sequence: 1 });
    const forged = await make({ sequence: 2, previous: `sha256:${'11'.repeat(32)}` });
    await answerOf(site, [first]);
    expect(await answerOf(site, [forged])).toMatchObject({ refused: [{ code: 'EQUIVOCATION' }] });
    const later = await make({ sequence: 11, previous: `sha256:${'22'.repeat(32)}` });
    await answerOf(site, [later]);
    expect(await answerOf(site, [await make({ sequence: 10 })])).toMatchObject({ refused: [{ code: 'EQUIVOCATION' }] });
  });

  test('leaves so much evidence and no more', async () => {
    const { site, make } = await openReceipts();
    await answerOf(site, [await make({ sequence: 5 })]);
    const others = await Promise.all(
      Array.from({ length: 20 }, (_, index) => make({ sequence: 5, name: `r${index}` })),
    );
    await answerOf(site, others);
    expect(site.dew.status().receipts.conflicts).toBe(16);
  });

  test('is not taken for one that began anew, having lost what it had', async () => {
    const { site, make } = await openReceipts();
    await answerOf(site, [await make({ sequence: 1 })]);
    expect(await answerOf(site, [await make({ sequence: 2, previous: undefined })])).toMatchObject({ refused: [] });
  });
});

describe('who may look', () => {
  test('reviewers at all, page by page', async () => {
    const { site, make } = await openReceipts();
    const made = [];
    for (let sequence = 1; sequence <= 5; sequence += 1)
      made.push(await make({ sequence, name: sequence % 2 === 0 ? 'pump' : 'light' }));
    await answerOf(site, made);
    const other = await make({ sequence: 3, name: 'pump' }, 'secondEdge');
    await post(site, [other], 'secondEdge');
    expect((await pageOf(site)).receipts).toHaveLength(6);
    expect((await pageOf(site, `?device=${accountOf('edge')}&resource=${TENANT}/pump`)).sequences).toEqual([2, 4]);
    let query = `?device=${accountOf('edge')}&limit=2`;
    const pages = [];
    for (let next: string | null = ''; next !== null; query = `?device=${accountOf('edge')}&limit=2&next=${next}`) {
      const page = await pageOf(site, query);
      pages.push(page.sequences);
      ({ next } = page);
    }
    expect(pages).toEqual([[1, 2], [3, 4], [5]]);
  });

  test('a manager at what it manages, a reader and a stranger at nothing', async () => {
    const { site, make } = await openReceipts();
    await answerOf(site, [await make({ sequence: 1, name: 'pump' }), await make({ sequence: 2, name: 'light' })]);
    const grant = (caller: Caller, resource: `0x${string}`, action: 'read' | 'manage') =>
      site.submit('policyAdmin', {
        type: 'set-grant',
        resource,
        subject: accountSubject(accountOf(caller)),
        actions: [action],
        offline: false,
        expiresAt: NEVER,
      });
    const codeFor = async (caller: Caller | undefined, query: string) =>
      (await site.call(caller, `GET /v1/receipts${query}`)).code;
    expect(await codeFor(undefined, '')).toBe('UNAUTHENTICATED');
    expect(await codeFor('stranger', `?resource=${TENANT}/pump`)).toBe('FORBIDDEN');
    expect(await codeFor('edge', '')).toBe('FORBIDDEN');
    await grant('stranger', resourceIdOf({ tenant: TENANT, name: 'pump' }), 'manage');
    await grant('secondEdge', ANY_RESOURCE, 'read');
    await expect.poll(() => codeFor('stranger', `?resource=${TENANT}/pump`)).toBe('ok');
    expect((await pageOf(site, `?resource=${TENANT}/pump`, 'stranger')).sequences).toEqual([1]);
    expect(await codeFor('stranger', `?resource=${TENANT}/light`)).toBe('FORBIDDEN');
    expect(await codeFor('stranger', '')).toBe('FORBIDDEN');
    expect(await codeFor('stranger', `?resource=${TENANT}/pump&conflicts=true`)).toBe('FORBIDDEN');
    expect(await codeFor('secondEdge', `?resource=${TENANT}/pump`)).toBe('FORBIDDEN');
    await grant('stranger', ANY_RESOURCE, 'manage');
    await expect.poll(() => codeFor('stranger', '')).toBe('ok');
  });

  test.each([
    '?limit=0',
    '?limit=101',
    '?limit=1&limit=2',
    '?next=x',
    '?resource=a',
    '?resource=a/b/c',
    '?device=x',
    '?also=1',
    '?conflicts=1',
  ])('is asked sensibly: %s', async (query) => {
    const { site } = await openReceipts();
    expect((await site.call('publisher', `GET /v1/receipts${query}`)).code).toBe('SCHEMA');
  });
});
