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
  let node: { readonly anchor: Anchor; readonly source: Promise<StateSource> } | undefined;

  async function closeNode(): Promise<void> {
    const opened = node;
    node = undefined;
    // One that did not open was told of by whoever wanted it.
    await opened?.source.then(
      (source) => source.close(),
      () => undefined,
    );
  }

  async function nodeOf(anchor: AnchorOf<'rpc'>): Promise<StateSource> {
    if (node?.anchor !== anchor) {
      await closeNode();
      node = { anchor, source: openNode(anchor) };
    }
    const opened = node;
    return opened.source.catch((error: unknown) => {
      if (node === opened) node = undefined;
      throw error;
    });
  }

  function openNode(anchor: AnchorOf<'rpc'>): Promise<StateSource> {
    if (openNodeSource !== undefined) return openNodeSource(anchor);
    throw new DewproofError('CONFIG', 'The anchor trusts a node, and none can be asked here: start the edge anew.');
  }

  async function* watchNode(
    anchor: AnchorOf<'rpc'>,
    request: Parameters<StateSource['watch']>[0],
  ): AsyncGenerator<Uint8Array> {
    for await (const bundle of (await nodeOf(anchor)).watch(request)) {
      if (anchors.current() !== anchor) return;
      yield bundle;
    }
  }

  async function* watch(request: Parameters<StateSource['watch']>[0]): AsyncGenerator<Uint8Array> {
    let trusted: Anchor;
    do {
      trusted = anchors.current();
      yield* trustsNode(trusted) ? watchNode(trusted, request) : proofs.watch(request);
    } while (trusted !== anchors.current() && !request.signal.aborted);
  }

  anchors.onChange(() => void closeNode());
  return {
    watch,
    close: async () => {
      await Promise.all([closeNode(), proofs.close()]);
    },
  };
}

/** Whether a node is believed, whatever it says. */
export function trustsNode(anchor: Anchor): anchor is AnchorOf<'rpc'> {
  return anchor.finality.kind === 'rpc';
}
