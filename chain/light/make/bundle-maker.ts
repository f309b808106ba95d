import { parseAccount } from '../../../core/account.ts';
import { DewproofError } from '../../../core/errors.ts';
import type { LedgerState } from '../../../core/ledger/state.ts';
import type {
  Audience,
  BundleHead,
  BundleMaker,
  PreparedFacts,
  VouchedBlock,
} from '../../../core/state/bundle-maker.ts';
import { untilAborted } from '../../../core/until-aborted.ts';
import { decodeBundle } from '../bundle/decode-bundle.ts';
import { encodeFacts, encodeMoreNodes, encodeNodes, encodeVouchers } from '../bundle/encode-parts.ts';
import { checkBundle } from '../check-bundle.ts';
import { fromHex, toHex } from '../hex.ts';
import type { Claims } from './build-bundle.ts';
import { chooseClaims } from './choose-claims.ts';
import { claimDevice } from './claim-facts.ts';
import { claimedSlots } from './claimed-slots.ts';
import { claimFormer, factNames } from './fact-names.ts';
import { proveProvable } from './prove-provable.ts';
import type { MakeDeps } from './make-bundle.ts';
import type { Vouching } from './open-vouching.ts';
import { proveAccount, type ProvedAccount } from './prove-account.ts';
import { readNodes } from './read-nodes.ts';
import type { VouchedHead } from './vouched-head.ts';

const nothing: Claims = { heads: [], devices: [], grants: [], members: [] };

/** A vouched block as this maker hands it out and takes it back. */
interface MadeBlock extends VouchedBlock {
  readonly head: VouchedHead;
  readonly nodes: readonly Uint8Array[];
}

/** Makes bundles for a dew's devices: slots are asked for once a change, the registry's account once a block. */
export function createBundleMaker(deps: MakeDeps & { readonly vouching: Vouching }): BundleMaker {
  const { anchor, crypto, vouching } = deps;
  const registry = parseAccount(anchor.registry);
  const made = new WeakSet<VouchedBlock>();
  const opened = new WeakSet<PreparedFacts>();
  let account: { readonly hash: string; readonly proved: ProvedAccount } | undefined;

  const accountIn = async ({ block, vouchers }: VouchedHead, signal: AbortSignal): Promise<ProvedAccount> => {
    if (account?.hash === block.hash) return account.proved;
    const nodes = await readNodes({ contract: registry, slots: [], height: block.height, signal }, deps);
    const proved = proveAccount({ header: vouchers.header, nodes }, deps);
    account = { hash: block.hash, proved };
    return proved;
  };
  const verifyOurs = (vouched: VouchedBlock): MadeBlock => {
    if (made.has(vouched)) return vouched as MadeBlock;
    throw new TypeError('a vouched block comes from this very maker');
  };

  return {
    vouch: async (block, signal) => {
      // Looked for here too: where the node is gone nobody else asks, and witnesses go on signing an idle head.
      const failure = await untilAborted(vouching.newest(), signal).then(noFailure, asFailure);
      signal.throwIfAborted();
      const head = vouching.of(block);
      if (!head && failure) throw failure.error;
      if (!head) return undefined;
      const { storageRoot, nodes } = await accountIn(head, signal);
      const { attestedAt } = head;
      const vouched: MadeBlock = { block: head.block, attestedAt, storageRoot: toHex(storageRoot), head, nodes };
      made.add(vouched);
      return vouched;
    },
    prepare: async ({ state, audience, formerly, vouched }, signal) => {
      verifyStateOf(state, vouched);
      const chosen = chosenFor(audience, state);
      const claims = joinClaims(chosen, claimFormer(chosen, formerly, state));
      const { height } = vouched.block;
      const slots = claimedSlots(claims, crypto);
      const nodes = await readNodes({ contract: registry, slots, height, signal }, deps);
      const proved = proveProvable({ claims, nodes, storageRoot: fromHex(vouched.storageRoot) }, deps);
      return {
        storageRoot: vouched.storageRoot,
        facts: encodeFacts(proved.claims),
        slots: encodeMoreNodes(proved.slots),
        slotCount: proved.slots.length,
        tells: factNames(chosen),
        accounts: chosen.devices.map((device) => toHex(device.account)),
      };
    },
    join: (prepared, vouched) => {
      const { head, nodes } = verifyOurs(vouched);
      // Proved under one root they are proved under the other, which is the same.
      if (prepared.storageRoot !== vouched.storageRoot) throw new TypeError('these facts are of another storage root');
      const joined: BundleHead = {
        head: encodeVouchers(head.vouchers),
        account: encodeNodes(nodes, { more: prepared.slotCount }),
      };
      if (!opened.has(prepared)) {
        const parts = [joined.head, prepared.facts, joined.account, prepared.slots];
        checkBundle(new Uint8Array(Buffer.concat(parts)), { anchor, now: 0n, crypto });
        opened.add(prepared);
      }
      return joined;
    },
    recall: (bundle) => {
      vouching.recall(decodeBundle(bundle).changes);
    },
  };
}

function noFailure(): undefined {
  return undefined;
}

function asFailure(error: unknown): { readonly error: unknown } {
  return { error };
}

/** A claim that is not on the ledger is found out; one that is left out would not be. */
function verifyStateOf({ block }: LedgerState, vouched: VouchedBlock): void {
  if (block?.hash === vouched.block.hash) return;
  throw new DewproofError(
    'LEDGER_BEHIND',
    'What is known of the ledger is of another block than is vouched for; wait.',
  );
}

function joinClaims(one: Claims, other: Claims): Claims {
  return {
    heads: [...one.heads, ...other.heads],
    devices: [...one.devices, ...other.devices],
    grants: [...one.grants, ...other.grants],
    members: [...one.members, ...other.members],
  };
}

function chosenFor(audience: Audience, state: LedgerState): Claims {
  if ('group' in audience) return chooseClaims(state, audience);
  return { ...nothing, devices: [claimDevice(audience.account, state)] };
}
