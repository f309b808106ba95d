import { findWay } from '../../chain/light/make/find-way.ts';
import { readNamedSet } from '../../chain/light/make/read-named-set.ts';
import { parseQbftExtra } from '../../chain/light/qbft/extra-data.ts';
import type { Header } from '../../chain/light/qbft/header.ts';
import { isBftHeader } from '../../chain/light/qbft/header-hash.ts';
import { verifyQbft, type QbftFinality } from '../../chain/light/qbft/verify-qbft.ts';
import { verifySeals } from '../../chain/light/qbft/verify-seals.ts';
import type { Account } from '../../core/account.ts';
import type { Bytes32 } from '../../core/digest.ts';
import { DewproofError, hasCode } from '../../core/errors.ts';
import { findContract } from './find-contract.ts';
import type { AnchorNode } from './read-block.ts';

/** Whom an anchor is to trust as of a block, and the contract that names them, where one does. */
export type ChosenValidators = Pick<QbftFinality, 'validators' | 'contract'>;

/** What the operator says of them, and what the anchor before trusts. */
export interface ValidatorChoice {
  readonly named: readonly Account[] | undefined;
  readonly contract: { readonly address: Account; readonly slot: Bytes32 } | undefined;
  readonly old: QbftFinality | undefined;
}

/**
 * Chooses the validators of the blocks after `header`: those that it lists, or whom the contract names in its state, which
 * the node must prove. A quorum of them sealed it. Where the anchor before trusts validators, those must lead there by
 * proof; but where the operator names all of them, it is the operator who answers for that.
 * @throws USAGE (another set than is named, or none to be found), CONFLICT (the set changes right here), WRONG_CHAIN,
 * ROLLBACK, EQUIVOCATION, and NOT_PROVED, QUORUM or PROOF_INVALID where nothing leads there
 */
export async function chooseValidators(
  header: Header,
  choice: ValidatorChoice,
  node: AnchorNode,
): Promise<ChosenValidators> {
  const chosen = await validatorsIn(header, choice, node);
  const { named, old } = choice;
  if (named !== undefined && named.toSorted().join() !== chosen.validators.join()) {
    throw new DewproofError(
      'USAGE',
      `Block ${header.height} has other validators: ${chosen.validators.join(', ')}; see which are right.`,
    );
  }
  verifyOwnSeals(header, chosen, node);
  if (old !== undefined && named === undefined) await verifyLeads(header, old, node);
  return chosen;
}

async function validatorsIn(header: Header, choice: ValidatorChoice, node: AnchorNode): Promise<ChosenValidators> {
  if (!isBftHeader(header)) {
    throw new DewproofError(
      'USAGE',
      `Block ${header.height} is not QBFT's, so that its validators can't be trusted; use --witness.`,
    );
  }
  if (header.height === 0n) throw noBeginning();
  const listed = parseQbftExtra(header.extraData).validators;
  if (listed.length === 0) return validatorsElsewhere(header, choice, node);
  if (choice.contract === undefined) return { validators: [...listed] };
  throw new DewproofError(
    'USAGE',
    `Block ${header.height} lists its validators, so that no contract names them; leave --validator-contract out.`,
  );
}

/** Its list is as the genesis file has it, in any order; headers, and so anchors, list the same ones ascending. */
function noBeginning(): DewproofError {
  return new DewproofError(
    'CONFLICT',
    'Nobody sealed the genesis block, and it may list the validators in any order; name a later height with --checkpoint, or --begin, whose header lists them as all do.',
  );
}

/** Headers list nobody where a contract names the validators. */
async function validatorsElsewhere(
  header: Header,
  { named, contract: asked, old }: ValidatorChoice,
  node: AnchorNode,
): Promise<ChosenValidators> {
  const { height } = header;
  const contract = asked ? await findContract({ ...asked, height }, node) : old?.contract;
  if (contract) {
    const expected = named?.length ?? old?.validators.length ?? 0;
    const { validators } = await readNamedSet({ header, expected }, { ...node, contract });
    return { validators: [...validators], contract };
  }
  const kept = named?.toSorted() ?? old?.validators;
  if (kept !== undefined) return { validators: [...kept] };
  throw new DewproofError(
    'USAGE',
    'A contract names the validators of this chain; say which: --validator-contract 0x… --validator-slot N.',
  );
}

/** A block that changes the set is sealed by the one before: a device could not tell who is to seal it. */
function verifyOwnSeals(header: Header, { validators }: ChosenValidators, { crypto }: AnchorNode): void {
  try {
    verifySeals({ header, extra: parseQbftExtra(header.extraData) }, { validators, crypto });
  } catch (error) {
    if (!hasCode(error, 'QUORUM', 'PROOF_INVALID')) throw error;
    throw new DewproofError(
      'CONFLICT',
      `Block ${header.height} is not sealed by a quorum of the validators of those after it; name a later height with --checkpoint, or --begin.`,
      { cause: error },
    );
  }
}

async function verifyLeads(header: Header, old: QbftFinality, node: AnchorNode): Promise<void> {
  try {
    const isLater = header.height > BigInt(old.height);
    const changes = isLater ? await findWay(header, { finality: old, ...node }) : [];
    verifyQbft({ changes, head: header }, { finality: old, crypto: node.crypto });
  } catch (error) {
    if (!hasCode(error, 'NOT_PROVED', 'QUORUM', 'PROOF_INVALID')) throw error;
    throw new DewproofError(
      error.code,
      `The validators of the anchor in use do not lead to block ${header.height}: ${error.message} If you know who is right, name all of them: --validators 0x… 0x….`,
      { cause: error },
    );
  }
}
