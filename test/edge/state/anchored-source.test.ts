import { expect, test, vi } from 'vitest';
import { DewproofError } from '../../../core/errors.ts';
import type { Anchor } from '../../../core/state/anchor.ts';
import type { StateSource } from '../../../core/state/ports.ts';
import { createAnchoredSource, type OpenNodeSource } from '../../../edge/state/anchored-source.ts';
import { rootedAnchor } from '../../support/test-anchors.ts';

const byNode = (url: string): Anchor => rootedAnchor({ finality: { kind: 'rpc', url, confirmations: 0 } });

/** A source that yields what it is told to, until it is closed. */
function createFakeSource() {
  const queue: string[] = [];
  let wake: () => void = () => undefined;
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
      else await new Promise<void>((resolve) => (wake = resolve));
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
