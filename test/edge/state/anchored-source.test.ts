import { describe, expect, test, vi } from 'vitest';
import { DewproofError } from '../../../core/errors.ts';
import type { Anchor } from '../../../core/state/anchor.ts';
import type { StateSource } from '../../../core/state/ports.ts';
import { createAnchoredSource, type OpenNodeSource } from '../../../edge/state/anchored-source.ts';
import { rootedAnchor } from '../../support/test-anchors.ts';

const byNode = (url: string): Anchor => rootedAnchor({ finality: { kind: 'rpc', url, confirmations: 0 } });

/** A source that yields what it is told to, until it is closed. */
function createFakeSource() {
  const queue: string[] = [];
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const resolve of waiting) resolve();
    waiting.clear();
  };
  let closed = false;
  const close = vi.fn(() => {
    closed = true;
    wake();
    return Promise.resolve();
  });
  const watch: StateSource['watch'] = async function* () {
    while (!closed) {
      const next = queue.shift();
      if (next !== undefined) yield Buffer.from(next);
      else await new Promise<void>((resolve) => waiting.add(resolve));
    }
  };
  return {
    watch,
    close,
    say: (text: string) => {
      queue.push(text);
      wake();
    },
  };
}

function createWorld(anchor: Anchor, openNodeSource?: OpenNodeSource) {
  let current = anchor;
  const listeners: ((anchor: Anchor) => void)[] = [];
  const anchors = {
    current: () => current,
    onChange: (listener: (anchor: Anchor) => void) => void listeners.push(listener),
  };
  const proofs = createFakeSource();
  const source = createAnchoredSource({ anchors, openNodeSource, proofs });
  const life = new AbortController();
  const watch = () =>
    source.watch({ known: undefined, signal: life.signal, onTrouble: () => undefined })[Symbol.asyncIterator]();
  const change = (next: Anchor) => {
    current = next;
    for (const listener of listeners) listener(next);
  };
  return { proofs, source, watch, change };
}

const heard = async (watching: AsyncIterator<Uint8Array>) => {
  const { value } = (await watching.next()) as { value: Uint8Array };
  return Buffer.from(value).toString();
};

test('what a node says once it is trusted no more is dropped, and it is closed; proofs are heard instead', async () => {
  const node = createFakeSource();
  const world = createWorld(byNode('http://a'), () => Promise.resolve(node));
  const watching = world.watch();
  node.say('one');
  expect(await heard(watching)).toBe('one');
  // Both are there before anybody looks.
  node.say('two');
  world.proofs.say('proof');
  world.change(rootedAnchor({ version: 2 }));
  expect(await heard(watching)).toBe('proof');
  expect(node.close).toHaveBeenCalledOnce();
});

test('another node is asked where the newer anchor trusts another', async () => {
  const nodes = new Map(['http://a', 'http://b'].map((url) => [url, createFakeSource()] as const));
  const opened: string[] = [];
  const world = createWorld(byNode('http://a'), ({ finality: { url } }) => {
    opened.push(url);
    return Promise.resolve(nodes.get(url) ?? createFakeSource());
  });
  const watching = world.watch();
  nodes.get('http://a')?.say('of a');
  expect(await heard(watching)).toBe('of a');
  world.change({ ...byNode('http://b'), version: 2 });
  nodes.get('http://b')?.say('of b');
  expect(await heard(watching)).toBe('of b');
  expect(opened).toEqual(['http://a', 'http://b']);
  expect(nodes.get('http://a')?.close).toHaveBeenCalledOnce();
});

test('a node is opened once for all who watch, and again where it did not open', async () => {
  const node = createFakeSource();
  const open = vi.fn<OpenNodeSource>(() => Promise.resolve(node));
  open.mockRejectedValueOnce(new DewproofError('CONFIG', 'no'));
  const world = createWorld(byNode('http://a'), open);
  await expect(world.watch().next()).rejects.toMatchObject({ code: 'CONFIG' });
  for (const text of ['one', 'two']) {
    node.say(text);
    expect(await heard(world.watch())).toBe(text);
  }
  expect(open).toHaveBeenCalledTimes(2);
  await world.source.close();
  expect(node.close).toHaveBeenCalledOnce();
  expect(world.proofs.close).toHaveBeenCalledOnce();
});

test('where no node can be asked, an anchor that trusts one is told of', async () => {
  await expect(createWorld(byNode('http://a')).watch().next()).rejects.toMatchObject({ code: 'CONFIG' });
});

describe('where changes of the node cross', () => {
  /** Nodes that open, and close, when the test says so. */
  function createSlowNodes() {
    const opened: { readonly url: string; readonly node: ReturnType<typeof createFakeSource>; open: () => void }[] = [];
    const openNodeSource: OpenNodeSource = ({ finality: { url } }) => {
      const node = createFakeSource();
      const { promise, resolve } = Promise.withResolvers<StateSource>();
      opened.push({
        url,
        node,
        open: () => {
          resolve(node);
        },
      });
      return promise;
    };
    const at = (index: number) => opened[index] ?? expect.fail(`no node was opened as number ${index}`);
    return { openNodeSource, at, urls: () => opened.map(({ url }) => url) };
  }
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const closes = ({ node }: { readonly node: ReturnType<typeof createFakeSource> }) => node.close.mock.calls.length;

  test('none is opened twice, and all but the last are closed, while the one before still closes', async () => {
    const nodes = createSlowNodes();
    const world = createWorld(byNode('http://a'), nodes.openNodeSource);
    const first = heard(world.watch());
    await settle();
    const slow = Promise.withResolvers<undefined>();
    nodes.at(0).node.close.mockReturnValueOnce(slow.promise.then(() => undefined));
    nodes.at(0).open();
    nodes.at(0).node.say('of a');
    expect(await first).toBe('of a');
    world.change({ ...byNode('http://b'), version: 2 });
    // Two who ask at once, while `a` is not closed yet.
    const watching = [heard(world.watch()), heard(world.watch())];
    await settle();
    slow.resolve(undefined);
    await settle();
    nodes.at(1).open();
    for (const text of ['of b', 'of b']) nodes.at(1).node.say(text);
    expect(await Promise.all(watching)).toEqual(['of b', 'of b']);
    expect(nodes.urls()).toEqual(['http://a', 'http://b']);
    await world.source.close();
    expect([closes(nodes.at(0)), closes(nodes.at(1))]).toEqual([1, 1]);
  });

  test('a node that opens once another is trusted is closed, and not asked', async () => {
    const nodes = createSlowNodes();
    const world = createWorld(byNode('http://a'), nodes.openNodeSource);
    const hearing = heard(world.watch());
    await settle();
    world.change({ ...byNode('http://b'), version: 2 });
    world.change({ ...byNode('http://c'), version: 3 });
    nodes.at(0).node.say('of a');
    nodes.at(0).open();
    await settle();
    expect(nodes.urls()).toEqual(['http://a', 'http://c']);
    nodes.at(1).open();
    nodes.at(1).node.say('of c');
    expect(await hearing).toBe('of c');
    await world.source.close();
    expect([0, 1].map((index) => closes(nodes.at(index)))).toEqual([1, 1]);
  });

  test('one that opens after all was closed is closed too, and none is opened then', async () => {
    const nodes = createSlowNodes();
    const world = createWorld(byNode('http://a'), nodes.openNodeSource);
    const watching = world.watch().next();
    await settle();
    const closing = world.source.close();
    world.change({ ...byNode('http://b'), version: 2 });
    nodes.at(0).open();
    await closing;
    expect(await watching).toMatchObject({ done: true });
    expect(await world.watch().next()).toMatchObject({ done: true });
    expect([nodes.urls(), closes(nodes.at(0))]).toEqual([['http://a'], 1]);
  });

  test('one that does not close keeps nobody from the next, and is told of at the end', async () => {
    const nodes = createSlowNodes();
    const world = createWorld(byNode('http://a'), nodes.openNodeSource);
    const hearing = heard(world.watch());
    await settle();
    const stuck = Promise.withResolvers<undefined>();
    nodes.at(0).node.close.mockReturnValueOnce(stuck.promise);
    nodes.at(0).open();
    await settle();
    world.change({ ...byNode('http://b'), version: 2 });
    nodes.at(0).node.say('of a');
    await settle();
    nodes.at(1).open();
    nodes.at(1).node.say('of b');
    expect(await hearing).toBe('of b');
    const closing = world.source.close();
    stuck.reject(new Error('stuck'));
    await expect(closing).rejects.toThrow('stuck');
  });
});
