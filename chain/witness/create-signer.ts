import type { Bytes32 } from '../../core/digest.ts';
import { DewproofError, hasCode } from '../../core/errors.ts';
import type {
  Contradiction,
  LinkedBlock,
  NodeReading,
  NoteSource,
  SignedHead,
  WitnessedChain,
  WitnessMemory,
  WitnessNode,
} from '../../core/witness/ports.ts';
import { makeNote } from '../light/witness/make-note.ts';
import { nonceBody } from '../light/witness/nonce-body.ts';
import { noteBody } from '../light/witness/note-body.ts';
import type { SigningWitness } from '../light/witness/sign-note.ts';
import { planSigning } from './plan-signing.ts';

/** How many heights' notes are kept: what slower witnesses and their collectors still ask for. */
export const KEPT_HEADS = 1024;
/** How many contradictions are shown, the newest; records keep as many. */
export const KEPT_CONTRADICTIONS = 64;

/** When this was written; a clock before it is lost, and a witness vouches for the time. */
const WRITTEN_AT = 1_764_000_000n;

/** What a witness stands on; `clock` tells Unix seconds. */
export interface SignerDeps {
  readonly node: WitnessNode;
  readonly memory: WitnessMemory;
  readonly witness: SigningWitness;
  readonly clock: () => bigint;
  readonly resignAfterSeconds: bigint;
  /** What the node must serve; the first start's answer where left out, kept from then on. */
  readonly expected?: Partial<WitnessedChain>;
}

/** A witness that looks at its node when it is told to. */
export interface Signer extends NoteSource {
  /**
   * Looks at the node once and signs what may be signed. Trouble is kept for `standing` and thrown.
   * @throws LEDGER_UNAVAILABLE, LEDGER_BEHIND, WRONG_CHAIN, EQUIVOCATION, PROOF_INVALID, CONFIG (a lost clock), DISK_FULL, STORE_CORRUPT
   */
  look(signal: AbortSignal): Promise<void>;
}

interface SignerState {
  chain: WitnessedChain | undefined;
  readonly heads: Map<bigint, SignedHead>;
  signed: SignedHead | undefined;
  latest: bigint | undefined;
  contradictions: readonly Contradiction[];
  trouble: DewproofError | undefined;
  /** Why no note is served, whatever is known. */
  closed: DewproofError | undefined;
}

/**
 * Makes a witness. What it signs is on disk before the signature exists: killed at any instant, it comes back knowing
 * every block that it may have signed. Until its node has shown that it still has the newest of them, it serves nothing.
 */
export function createSigner(deps: SignerDeps): Signer {
  const { loaded } = deps.memory;
  const state: SignerState = {
    chain: loaded.chain,
    heads: new Map(loaded.heads.map((head) => [head.height, head])),
    signed: loaded.heads.at(-1),
    latest: undefined,
    contradictions: loaded.contradictions,
    trouble: undefined,
    closed: new DewproofError('LEDGER_BEHIND', 'This witness has not looked at its node yet; ask again soon.'),
  };
  const look = async (signal: AbortSignal): Promise<void> => {
    try {
      await lookOnce(deps, { state, signal });
      state.trouble = undefined;
    } catch (error) {
      if (hasCode(error)) state.trouble = error;
      if (hasCode(error, 'EQUIVOCATION', 'WRONG_CHAIN', 'CONFIG')) state.closed = error;
      throw error;
    }
  };
  return { look, ...serveNotes(deps, state) };
}

async function lookOnce(
  deps: SignerDeps,
  { state, signal }: { readonly state: SignerState; readonly signal: AbortSignal },
): Promise<void> {
  const reading = await deps.node.read({ signed: state.signed, signal });
  state.latest = reading.latest;
  await verifyChain(deps, { state, reading });
  const now = readClock(deps);
  const plan = planSigning({ signed: state.signed, reading, now, resignAfterSeconds: deps.resignAfterSeconds });
  if (plan.kind === 'contradiction') throw await keepEvidence(deps, { state, ...plan, now });
  if (plan.kind === 'behind') {
    throw new DewproofError('LEDGER_BEHIND', 'The node’s chain is shorter than what this witness signed; wait for it.');
  }
  if (plan.kind === 'changed') {
    throw new DewproofError('LEDGER_UNAVAILABLE', 'The node’s chain changed while it was read; it is read again.');
  }
  // The disk first: from here on a signature may have left, whatever becomes of this process.
  if (plan.kind === 'sign') {
    await deps.memory.write({ heads: plan.heads });
    takeHeads(state, plan.heads);
  }
  if (state.signed) state.closed = undefined;
}

function takeHeads(state: SignerState, heads: readonly SignedHead[]): void {
  for (const head of heads) {
    state.heads.delete(head.height);
    state.heads.set(head.height, head);
  }
  state.signed = heads.at(-1);
  for (const height of state.heads.keys()) {
    if (state.heads.size <= KEPT_HEADS) return;
    state.heads.delete(height);
  }
}

/** A witness's key is good for one chain: with another behind its node, it would sign one height twice. */
async function verifyChain(
  { memory, expected = {} }: SignerDeps,
  { state, reading }: { readonly state: SignerState; readonly reading: NodeReading },
): Promise<void> {
  const { chain, genesis } = reading;
  for (const [what, is, wanted] of [
    ['chain id', chain, state.chain?.chain],
    ['genesis block', genesis, state.chain?.genesis],
    ['chain id', chain, expected.chain],
    ['genesis block', genesis, expected.genesis],
  ] as const) {
    if (wanted === undefined || is === wanted) continue;
    throw new DewproofError(
      'WRONG_CHAIN',
      `The node serves another chain: its ${what} is ${is}, not ${wanted}. Check its URL.`,
      { details: { what, is, expected: wanted } },
    );
  }
  if (state.chain) return;
  await memory.write({ chain: { chain, genesis } });
  state.chain = { chain, genesis };
}

function readClock({ clock }: SignerDeps): bigint {
  const now = clock();
  if (now >= WRITTEN_AT) return now;
  throw new DewproofError('CONFIG', 'This machine’s clock is lost, and a witness vouches for the time; set it.');
}

async function keepEvidence(
  { memory }: SignerDeps,
  found: {
    readonly state: SignerState;
    readonly signed: SignedHead;
    readonly found: LinkedBlock;
    readonly now: bigint;
  },
): Promise<DewproofError> {
  const { state, signed } = found;
  const { height, hash: signedHash } = signed;
  const nodeHash = found.found.hash;
  const isKnown = state.contradictions.some((one) => one.height === height && one.nodeHash === nodeHash);
  if (!isKnown) {
    const contradiction = { height, signedHash, nodeHash, seenAt: found.now };
    await memory.write({ contradictions: [contradiction] });
    state.contradictions = [...state.contradictions, contradiction].slice(-KEPT_CONTRADICTIONS);
  }
  return new DewproofError(
    'EQUIVOCATION',
    `The node has block ${nodeHash} at height ${height}, where this witness signed ${signedHash}. Ask the other operators which they have: where it is the signed one, mend the node, and signing goes on by itself; else keep data/ and make new witnesses (docs/witnesses.md).`,
    { details: { height: height.toString(), signedHash, nodeHash } },
  );
}

function serveNotes(deps: SignerDeps, state: SignerState): NoteSource {
  const notes = new Map<SignedHead, string>();
  const signed = (): { readonly chain: WitnessedChain; readonly head: SignedHead } => {
    if (state.closed) throw state.closed;
    if (state.chain && state.signed) return { chain: state.chain, head: state.signed };
    throw new DewproofError('LEDGER_BEHIND', 'This witness has signed nothing yet; ask again soon.');
  };
  // Ed25519 signs one text always the same way: a note that was not kept is made anew, equal to the last byte.
  const noteOn = (chain: WitnessedChain, head: SignedHead): string => {
    const note = notes.get(head) ?? makeNote({ body: noteBody({ ...chain, ...head }), time: head.signedAt }, deps);
    if (notes.size > KEPT_HEADS) notes.clear();
    notes.set(head, note);
    return note;
  };
  return {
    latest: () => {
      const { chain, head } = signed();
      return noteOn(chain, head);
    },
    at: (height) => {
      const { chain } = signed();
      const head = state.heads.get(height);
      return head && noteOn(chain, head);
    },
    answer: (nonce: Bytes32) => {
      const { chain, head } = signed();
      return makeNote({ body: nonceBody({ ...chain, ...head, nonce }), time: readClock(deps) }, deps);
    },
    standing: () => {
      const { name, publicKey } = deps.witness;
      const { chain, latest, contradictions, trouble } = state;
      return {
        name,
        publicKey,
        chain,
        signed: state.signed,
        latest,
        contradictions,
        trouble,
      };
    },
  };
}
