import { DewproofError } from '../../core/errors.ts';
import type { Anchor, AnchorOf } from '../../core/state/anchor.ts';
import type { StateSource } from '../../core/state/ports.ts';
import type { Anchors } from '../../platform/anchors/open-anchors.ts';

/** Opens a source that reads the ledger from the node that an anchor trusts; closing it closes all that it opened. */
export type OpenNodeSource = (anchor: AnchorOf<'rpc'>) => Promise<StateSource>;

/** What such a source is made of. */
export interface AnchoredSourceDeps {
  readonly anchors: Pick<Anchors, 'current' | 'onChange'>;
  /** Left out where no anchor here ever trusted a node, since none that does comes from afar. */
  readonly openNodeSource?: OpenNodeSource | undefined;
  /** Where proofs come from. */
  readonly proofs: StateSource;
}

/**
 * Makes a source that asks whom the anchor in use believes: the node that it trusts and nobody else, or whoever hands
 * over proofs. With another anchor a node is asked no more at once, and what it still said is dropped.
 */
export function createAnchoredSource({ anchors, openNodeSource, proofs }: AnchoredSourceDeps): StateSource {
  let node: OpenedNode | undefined;
  let isClosed = false;
  const closings = new Set<Promise<void>>();

  /** Nothing is awaited before `node` is another: whoever asks meanwhile finds the next one, and none is left open. */
  function dropNode(): void {
    const dropped = node;
    node = undefined;
    if (dropped === undefined) return;
    const closing = closeNode(dropped).finally(() => closings.delete(closing));
    closings.add(closing);
    // It is told of by `close`, where it is not over by then; until that nobody waits for it.
    closing.catch(() => undefined);
  }

  function nodeOf(anchor: AnchorOf<'rpc'>): OpenedNode {
    if (node?.anchor === anchor) return node;
    dropNode();
    node = { anchor, source: openNode(anchor) };
    return node;
  }

  async function openNode(anchor: AnchorOf<'rpc'>): Promise<StateSource> {
    if (openNodeSource !== undefined) return openNodeSource(anchor);
    throw new DewproofError('CONFIG', 'The anchor trusts a node, and none can be asked here: start the edge anew.');
  }

  async function sourceOf(opened: OpenedNode): Promise<StateSource | undefined> {
    try {
      const source = await opened.source;
      // It opened too late: another is trusted, or nobody listens any more.
      return node === opened ? source : undefined;
    } catch (error) {
      if (node === opened) node = undefined;
      throw error;
    }
  }

  async function* watchNode(
    anchor: AnchorOf<'rpc'>,
    request: Parameters<StateSource['watch']>[0],
  ): AsyncGenerator<Uint8Array> {
    const source = await sourceOf(nodeOf(anchor));
    if (source === undefined) return;
    for await (const bundle of source.watch(request)) {
      if (anchors.current() !== anchor) return;
      yield bundle;
    }
  }

  async function* watch(request: Parameters<StateSource['watch']>[0]): AsyncGenerator<Uint8Array> {
    let trusted: Anchor | undefined;
    while (!isClosed && !request.signal.aborted && trusted !== anchors.current()) {
      trusted = anchors.current();
      yield* trustsNode(trusted) ? watchNode(trusted, request) : proofs.watch(request);
    }
  }

  anchors.onChange(dropNode);
  return {
    watch,
    close: async () => {
      isClosed = true;
      dropNode();
      await Promise.all([...closings, proofs.close()]);
    },
  };
}

interface OpenedNode {
  readonly anchor: Anchor;
  readonly source: Promise<StateSource>;
}

/** One that did not open was told of by whoever wanted it. */
async function closeNode({ source }: OpenedNode): Promise<void> {
  const opened = await source.catch(() => undefined);
  await opened?.close();
}

/** Whether a node is believed, whatever it says. */
export function trustsNode(anchor: Anchor): anchor is AnchorOf<'rpc'> {
  return anchor.finality.kind === 'rpc';
}
