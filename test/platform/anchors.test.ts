import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Anchor } from '../../core/state/anchor.ts';
import type { SignedAnchor } from '../../core/state/signed-anchor.ts';
import { noteOfAnchor, type KnownNote } from '../../platform/anchors/anchor-note.ts';
import { importAnchors } from '../../platform/anchors/import-anchors.ts';
import { openAnchors, type Anchors } from '../../platform/anchors/open-anchors.ts';
import { isSignedBy } from '../../cli/is-signed-by.ts';
import { sealRecord } from '../../platform/store/checked-record.ts';
import { openStore, sublevelOf, type Store } from '../../platform/store/open-store.ts';
import { rootedAnchor, rootKeys, rootsOf, signAnchor } from '../support/test-anchors.ts';
import { temporaryFolder } from './temporary-folder.ts';

const keysAt = (...indices: readonly number[]) => rootKeys.filter((_, index) => indices.includes(index));
const at = (version: number, [low, high]: readonly [number, number]) =>
  rootedAnchor({ version, roots: rootsOf(2, [low, high]) });
const first = at(1, [0, 3]);
const two = await signAnchor(at(2, [1, 4]), keysAt(1, 2));
const three = await signAnchor(at(3, [2, 5]), keysAt(2, 3));
const stranger = await signAnchor(at(4, [2, 5]), keysAt(0, 5));

interface Host {
  readonly anchors: Anchors;
  readonly store: Store;
  readonly troubles: readonly string[];
}

async function start(
  folder: string,
  anchor: Anchor = first,
  { signed, noted }: { readonly signed?: SignedAnchor; readonly noted?: KnownNote | undefined } = {},
): Promise<Host> {
  const store = await openStore(join(folder, 'store'));
  const troubles: string[] = [];
  const onTrouble = ({ code }: { code: string }) => troubles.push(code);
  return { anchors: await openAnchors(store, { anchor, signed, noted, isSignedBy, onTrouble }), store, troubles };
}

async function startOnce(anchor: Anchor = first): Promise<Host> {
  const host = await start(temporaryFolder(), anchor);
  onTestFinished(() => host.store.close());
  return host;
}

const versionsAll = (anchors: readonly Anchor[]) => anchors.map(({ version }) => version);
const versionsOf = (signed: readonly SignedAnchor[]) => signed.map(({ anchor }) => anchor.version);

describe('openAnchors', () => {
  test('begins with the file of the home', async () => {
    const { anchors } = await startOnce();
    expect(anchors.current()).toEqual(first);
    expect(anchors.signed()).toEqual([]);
  });

  test('serves the signed file of the home too, which was put there while nothing ran', async () => {
    const folder = temporaryFolder();
    const unsigned = { ...two, anchor: first, signatures: [] };
    const before = await start(folder, first, { signed: unsigned });
    expect(before.anchors.signed()).toEqual([]);
    await before.store.close();
    const replaced = await start(folder, two.anchor, { signed: two });
    expect(versionsOf(replaced.anchors.signed())).toEqual([2]);
    expect(await replaced.anchors.take([three])).toMatchObject({ version: 3, taken: [3] });
    await replaced.store.close();
    const again = await start(folder, three.anchor, { signed: three });
    onTestFinished(() => again.store.close());
    expect(again.anchors.signed()).toEqual([two, three]);
    expect([again.anchors.current(), again.troubles]).toEqual([three.anchor, []]);
  });

  test('serves the signed file of the home in the place of another of its version, which roots signed as well', async () => {
    const folder = temporaryFolder();
    const before = await start(folder);
    await before.anchors.take([two]);
    await before.store.close();
    const twin = await signAnchor({ ...two.anchor, staleAfter: 7 }, keysAt(1, 2));
    for (const signed of [twin, undefined]) {
      const replaced = await start(folder, twin.anchor, signed && { signed });
      expect(replaced.anchors.signed()).toEqual([twin]);
      await replaced.store.close();
    }
  });

  test('takes what roots signed and nothing else, and tells of it', async () => {
    const { anchors } = await startOnce();
    const seen: number[] = [];
    anchors.onChange(({ version }) => seen.push(version));
    expect(await anchors.take([stranger])).toMatchObject({ version: 1, taken: [], refusal: { code: 'QUORUM' } });
    expect(await anchors.take([two, three, stranger])).toMatchObject({ version: 3, taken: [2, 3] });
    expect(await anchors.take([two])).toEqual({ version: 3, taken: [], refusal: undefined });
    expect(anchors.current()).toEqual(three.anchor);
    expect(seen).toEqual([3]);
  });

  test('knows after a restart what it took, also where the newest file of the home is between', async () => {
    const folder = temporaryFolder();
    const before = await start(folder);
    await before.anchors.take([two, three]);
    await before.store.close();
    for (const file of [first, two.anchor, three.anchor]) {
      const { anchors, store, troubles } = await start(folder, file);
      expect(anchors.current()).toEqual(three.anchor);
      expect(versionsOf(anchors.signed())).toEqual([2, 3]);
      expect(troubles).toEqual([]);
      await store.close();
    }
  });

  test('takes two offers at once in turn', async () => {
    const { anchors } = await startOnce();
    const answers = await Promise.all([anchors.take([two]), anchors.take([three]), anchors.take([two, three])]);
    expect(answers.map(({ taken }) => taken)).toEqual([[2], [3], []]);
  });

  test('uses none that is not on disk', async () => {
    const { anchors, store } = await startOnce();
    await store.close();
    await expect(anchors.take([two])).rejects.toThrow();
    expect(anchors.current()).toEqual(first);
    expect(anchors.signed()).toEqual([]);
  });

  test('verifies again what the disk holds', async () => {
    const folder = temporaryFolder();
    const before = await start(folder);
    await before.anchors.take([two, three]);
    // Another file was put in place by hand: what was taken does not follow from it.
    await before.store.close();
    const other = rootedAnchor({ roots: rootsOf(2, [3, 6]) });
    const moved = await start(folder, other);
    expect(moved.anchors.current()).toEqual(other);
    expect(moved.anchors.signed()).toEqual([]);
    expect(moved.troubles).toEqual(['QUORUM']);
    // What then comes takes the place of all of it.
    const next = await signAnchor(rootedAnchor({ version: 2, roots: rootsOf(2, [3, 6]) }), keysAt(3, 4));
    await moved.anchors.take([next]);
    await moved.store.close();
    const after = await start(folder, other);
    expect(after.anchors.signed()).toEqual([next]);
    expect(after.troubles).toEqual([]);
    await after.store.close();
  });

  test('tells by which former ones what was accepted may be opened, of those that follow from the file', async () => {
    const folder = temporaryFolder();
    const before = await start(folder);
    expect(versionsAll(before.anchors.standing())).toEqual([]);
    await before.anchors.take([two]);
    expect(versionsAll(before.anchors.standing())).toEqual([1]);
    await before.anchors.take([three]);
    await before.store.close();
    for (const [file, standing] of [
      [first, [2, 1]],
      [two.anchor, [2]],
      [three.anchor, []],
    ] as const) {
      const { anchors, store } = await start(folder, file);
      expect(versionsAll(anchors.standing())).toEqual(standing);
      await store.close();
    }
  });
});

const state = ({ anchors }: Host) => [anchors.current().version, anchors.missing()];

test('former ones are those that led to the one in use, and older ones that the home’s roots signed', async () => {
  const folder = temporaryFolder();
  const before = await start(folder);
  expect(before.anchors.former()).toEqual([]);
  await before.anchors.take([two, three]);
  expect(versionsAll(before.anchors.former())).toEqual([2, 1]);
  await before.store.close();
  // By hand: of the second's roots two signed the third as well, and of the third's one alone signed the second.
  const replaced = await start(folder, three.anchor);
  expect(versionsAll(replaced.anchors.former())).toEqual([]);
  const later = await signAnchor(at(4, [2, 5]), keysAt(2, 3, 4));
  await replaced.anchors.take([later]);
  expect(versionsAll(replaced.anchors.former())).toEqual([3]);
  await replaced.store.close();
  const last = await start(folder, at(5, [1, 3]));
  onTestFinished(() => last.store.close());
  expect(versionsAll(last.anchors.former())).toEqual([2]);
  expect(versionsOf(last.anchors.signed())).toEqual([2, 3, 4]);
});

describe('a record that decayed', () => {
  /** A host that took these, and on whose disk that of `version` decayed since. */
  async function decayed(taken: readonly SignedAnchor[], version: number): Promise<string> {
    const folder = temporaryFolder();
    const { anchors, store } = await start(folder);
    await anchors.take(taken);
    const part = sublevelOf(store, 'anchors');
    const key = (await part.keys().all()).find((one) => Number(one) === version) ?? '';
    await part.put(key, (await part.get(key))?.replace('"staleAfter"', '"staleafter"') ?? '');
    await store.close();
    return folder;
  }
  test('leaves what precedes it in use, with what is missing told, until it is taken again', async () => {
    const folder = await decayed([two, three], 3);
    const host = await start(folder);
    expect(state(host)).toEqual([2, 3]);
    expect(host.troubles).toEqual(['STORE_CORRUPT']);
    expect(versionsOf(host.anchors.signed())).toEqual([2]);
    expect(await host.anchors.take([three])).toMatchObject({ version: 3, taken: [3] });
    expect(state(host)).toEqual([3, undefined]);
    await host.store.close();
    const again = await start(folder);
    onTestFinished(() => again.store.close());
    expect([...state(again), again.troubles]).toEqual([3, undefined, []]);
  });

  test('takes with it what followed from it; both are back with it', async () => {
    const folder = await decayed([two, three], 2);
    const host = await start(folder);
    expect(state(host)).toEqual([1, 3]);
    expect(host.troubles).toEqual(['QUORUM', 'STORE_CORRUPT']);
    await host.anchors.take([two]);
    expect(state(host)).toEqual([2, 3]);
    await host.store.close();
    const again = await start(folder);
    onTestFinished(() => again.store.close());
    expect([...state(again), again.troubles]).toEqual([3, undefined, []]);
  });

  test('is not missed where a newer one follows from what precedes it', async () => {
    const later = await signAnchor(at(3, [1, 4]), keysAt(1, 2));
    const folder = await decayed([await signAnchor(at(2, [0, 3]), keysAt(0, 1)), later], 2);
    const host = await start(folder);
    onTestFinished(() => host.store.close());
    expect(state(host)).toEqual([3, undefined]);
  });

  test('is made good by the file of the home, of that version or a newer one', async () => {
    for (const file of [two, three]) {
      const host = await start(await decayed([two], 2), file.anchor, { signed: file });
      expect(state(host)).toEqual([file.anchor.version, undefined]);
      await host.store.close();
    }
  });

  test('is overtaken by a newer one that follows from what precedes it', async () => {
    const folder = await decayed([two], 2);
    const host = await start(folder);
    const later = await signAnchor(at(4, [0, 3]), keysAt(0, 1));
    await host.anchors.take([later]);
    expect(state(host)).toEqual([4, undefined]);
    await host.store.close();
    const again = await start(folder);
    onTestFinished(() => again.store.close());
    expect([...state(again), again.troubles]).toEqual([4, undefined, []]);
  });
});

describe('a record that is gone, or over which another was put', () => {
  /** A host that took these, and what it noted; `harm` is done to its disk since, by the anchors' versions. */
  async function harmed(taken: readonly SignedAnchor[], harm: (disk: Disk) => Promise<void>) {
    const folder = temporaryFolder();
    const { anchors, store } = await start(folder);
    await anchors.take(taken);
    const noted = anchors.note();
    const part = sublevelOf(store, 'anchors');
    const keyOf = async (version: number) => (await part.keys().all()).find((one) => Number(one) === version) ?? '';
    await harm({
      drop: async (version) => part.del(await keyOf(version)),
      read: async (version) => (await part.get(await keyOf(version))) ?? '',
      put: async (version, record) => part.put(await keyOf(version), record),
    });
    await store.close();
    return { folder, noted };
  }
  interface Disk {
    drop(version: number): Promise<void>;
    read(version: number): Promise<string>;
    put(version: number, record: string): Promise<void>;
  }
  const drop = (version: number) => (disk: Disk) => disk.drop(version);

  test.each<[string, (disk: Disk) => Promise<void>]>([
    ['deleted', drop(3)],
    ["that has a former one's", async (disk) => disk.put(3, await disk.read(2))],
  ])('is missed, %s, until it is taken again', async (_, harm) => {
    const { folder, noted } = await harmed([two, three], harm);
    expect(noted).toMatchObject({ version: 3 });
    const host = await start(folder, first, { noted });
    expect(state(host)).toEqual([2, 3]);
    expect(host.troubles).toEqual(['STORE_CORRUPT']);
    expect(versionsOf(host.anchors.signed())).toEqual([2]);
    // What was noted stays until then.
    expect(host.anchors.note()).toBeUndefined();
    expect(await host.anchors.take([three])).toMatchObject({ version: 3, taken: [3] });
    expect(state(host)).toEqual([3, undefined]);
    expect(host.anchors.note()).toEqual(noted);
    await host.store.close();
    const again = await start(folder, first, { noted });
    onTestFinished(() => again.store.close());
    expect([...state(again), again.troubles]).toEqual([3, undefined, []]);
  });

  test("is missed without a note too, where a former one's is in its place", async () => {
    const { folder } = await harmed([two, three], async (disk) => disk.put(3, await disk.read(2)));
    const host = await start(folder);
    onTestFinished(() => host.store.close());
    expect([...state(host), host.troubles]).toEqual([2, 3, ['STORE_CORRUPT']]);
  });

  test('is missed where all are gone', async () => {
    const { folder, noted } = await harmed([two, three], async (disk) => {
      for (const version of [2, 3]) await disk.drop(version);
    });
    const host = await start(folder, first, { noted });
    onTestFinished(() => host.store.close());
    expect([...state(host), host.troubles]).toEqual([1, 3, ['STORE_CORRUPT']]);
    expect(await host.anchors.take([two])).toMatchObject({ version: 2, taken: [2] });
    expect(state(host)).toEqual([2, 3]);
    expect(await host.anchors.take([three])).toMatchObject({ version: 3, taken: [3] });
    expect(state(host)).toEqual([3, undefined]);
  });

  test('takes with it what followed from it; both are back with it', async () => {
    const { folder, noted } = await harmed([two, three], drop(2));
    const host = await start(folder, first, { noted });
    expect([...state(host), host.troubles]).toEqual([1, 3, ['QUORUM', 'STORE_CORRUPT']]);
    await host.anchors.take([two]);
    expect(state(host)).toEqual([2, 3]);
    await host.store.close();
    const again = await start(folder, first, { noted });
    onTestFinished(() => again.store.close());
    expect([...state(again), again.troubles]).toEqual([3, undefined, []]);
  });

  test('is missed where the version alone is known still', async () => {
    const { folder } = await harmed([two, three], drop(3));
    const host = await start(folder, first, { noted: { version: 3 } });
    onTestFinished(() => host.store.close());
    expect([...state(host), host.troubles]).toEqual([2, 3, ['STORE_CORRUPT']]);
  });

  test('is not taken for another of its version, which roots signed as well', async () => {
    const rival = await signAnchor({ ...at(2, [1, 4]), staleAfter: 60 }, keysAt(1, 2));
    const { folder, noted } = await harmed([two], (disk) => disk.put(2, sealRecord(JSON.stringify(rival))));
    const host = await start(folder, first, { noted });
    onTestFinished(() => host.store.close());
    expect([...state(host), host.troubles]).toEqual([1, 2, ['STORE_CORRUPT']]);
    expect(await host.anchors.take([rival])).toMatchObject({ taken: [], refusal: { code: 'EQUIVOCATION' } });
    expect(await host.anchors.take([rival, two])).toMatchObject({ version: 2, taken: [2] });
    expect([...state(host), host.anchors.note()]).toEqual([2, undefined, noted]);
    // It is old news by now.
    expect(await host.anchors.take([rival])).toMatchObject({ taken: [], refusal: undefined });
  });

  test('is overtaken by a newer one', async () => {
    const { folder, noted } = await harmed([two], drop(2));
    const host = await start(folder, first, { noted });
    onTestFinished(() => host.store.close());
    await host.anchors.take([await signAnchor(at(4, [0, 3]), keysAt(0, 1))]);
    expect([...state(host), host.anchors.note()?.version]).toEqual([4, undefined, 4]);
  });

  test('is not missed where the note is older: it was taken just before the power was cut', async () => {
    const folder = temporaryFolder();
    const before = await start(folder);
    const noted = before.anchors.note();
    await before.anchors.take([two]);
    await before.store.close();
    const host = await start(folder, first, { noted });
    onTestFinished(() => host.store.close());
    expect([...state(host), host.troubles]).toEqual([2, undefined, []]);
  });

  test('is not missed where there was none: the file of the home was in use', async () => {
    const folder = temporaryFolder();
    for (const noted of [undefined, noteOfAnchor({ anchor: first, home: first })]) {
      const host = await start(folder, first, { noted });
      expect([...state(host), host.troubles, host.anchors.note()?.version]).toEqual([1, undefined, [], 1]);
      await host.store.close();
    }
  });

  test('is for whoever replaced the file of the home to know: by a newer one, by an older one, which is told', async () => {
    const other = rootedAnchor({ version: 2, roots: rootsOf(2, [3, 6]), chain: '999' });
    for (const [file, troubles] of [
      [three.anchor, []],
      [at(4, [2, 5]), []],
      [{ ...three.anchor, staleAfter: 60 }, []],
      [two.anchor, ['ROLLBACK']],
      [other, ['ROLLBACK']],
    ] as const) {
      const { folder, noted } = await harmed([two, three], drop(3));
      const host = await start(folder, file, { noted });
      expect([...state(host), host.troubles]).toEqual([file.version, undefined, troubles]);
      const renoted = host.anchors.note();
      expect(renoted).toEqual(noteOfAnchor({ anchor: file, home: file }));
      await host.store.close();
      const again = await start(folder, file, { noted: renoted });
      expect([...state(again), again.troubles]).toEqual([file.version, undefined, []]);
      await again.store.close();
    }
  });

  test('is missed as before once an older file was put into the home and the one before is back', async () => {
    const { folder, noted } = await harmed([two, three], drop(3));
    const older = await start(folder, two.anchor, { noted });
    expect(state(older)).toEqual([2, undefined]);
    await older.store.close();
    // Nothing ran by it long enough to note anything.
    const host = await start(folder, first, { noted });
    onTestFinished(() => host.store.close());
    expect(state(host)).toEqual([2, 3]);
  });
});

describe('the command import-anchors', () => {
  test('takes one anchor or several, and again', async () => {
    const run = importAnchors((await startOnce()).anchors);
    expect(await run(two)).toEqual({ version: 2, taken: [2] });
    expect(await run({ anchors: [two, three] })).toEqual({ version: 3, taken: [3] });
    expect(await run({ anchors: [two, three] })).toEqual({ version: 3, taken: [] });
  });

  test.each<[string, unknown, string]>([
    ['strangers signed', stranger, 'QUORUM'],
    ['nobody signed', { ...two, signatures: [] }, 'QUORUM'],
    ['is no anchor', undefined, 'SCHEMA'],
    ['is an anchor without signatures', two.anchor, 'SCHEMA'],
  ])('refuses what %s', async (_, input, code) => {
    const { anchors } = await startOnce();
    await expect(importAnchors(anchors)(input)).rejects.toMatchObject({ code });
    expect(anchors.current()).toEqual(first);
  });
});
