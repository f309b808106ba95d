import { quorumOf } from '../../core/state/quorum.ts';
import { sealAsQbft, type TestValidator } from './test-validators.ts';

/** Votes that members are told to cast whenever they propose (Besu's `qbft_proposeValidatorVote`, asked of each). */
export interface Campaign {
  readonly by: readonly TestValidator[];
  readonly on: TestValidator;
  readonly adds: boolean;
}

/** Members of a QBFT network, who seal one block after another as Besu does: with exactly a quorum of seals. */
export interface QbftSealer {
  /** Who may seal the next block, ascending. */
  readonly members: readonly TestValidator[];
  campaign: Campaign | undefined;
  /** Members that are gone: they neither propose nor seal. */
  readonly down: Set<TestValidator>;
  /** What is left of a network goes on below its quorum, as no honest one would. */
  insists: boolean;
  /** The next block lists another set, whatever was voted, which counts no more (Besu's `transitions`). */
  replace(members: readonly TestValidator[]): void;
  /** Seals the next block; undefined where too few are left. */
  seal(block: {
    readonly raw: Uint8Array;
    readonly height: bigint;
    readonly parentHash: Uint8Array;
  }): Uint8Array | undefined;
  /** Another block of the same height by the same members: what makes a fork where it is shown to anyone. */
  sealTwin(raw: Uint8Array, members: readonly TestValidator[]): Uint8Array;
}

/**
 * Begins with `validators`; votes lapse with every `epochLength` blocks. `listless`: a contract names them, and headers
 * list nobody.
 */
export function createQbftSealer(
  validators: readonly TestValidator[],
  { epochLength, listless }: { readonly epochLength: bigint; readonly listless: boolean },
): QbftSealer {
  let members = ascending(validators);
  // Of each subject who voted on it; what they said of it follows from whether it is a member.
  let votes = new Map<TestValidator, Set<TestValidator>>();
  const count = (proposer: TestValidator, { on, adds }: Campaign): void => {
    const voters = (votes.get(on) ?? new Set()).add(proposer);
    votes.set(on, voters);
    if (voters.size * 2 <= members.length) return;
    votes.delete(on);
    if (!adds) for (const others of votes.values()) others.delete(on);
    members = ascending(adds ? [...members, on] : members.filter((one) => one !== on));
  };
  const sealer: QbftSealer = {
    get members() {
      return members;
    },
    campaign: undefined,
    down: new Set(),
    insists: false,
    replace: (next) => {
      members = ascending(next);
      votes = new Map();
    },
    seal: ({ raw, height, parentHash }) => {
      if (height % epochLength === 0n) votes = new Map();
      const turn = rotate(
        members.filter((one) => !sealer.down.has(one)),
        height,
      );
      const sealers = turn.slice(0, quorumOf(members.length));
      const [proposer] = turn;
      if (!proposer || (sealers.length < quorumOf(members.length) && !sealer.insists)) return undefined;
      // Besu's epoch blocks carry no votes, and nobody votes for what already is.
      const campaign =
        height % epochLength === 0n ? undefined : castBy(proposer, { members, campaign: sealer.campaign });
      const sealed = sealBlock(raw, { listed: listless ? [] : members, sealers, proposer, campaign, parentHash });
      if (campaign) count(proposer, campaign);
      return sealed;
    },
    sealTwin: (raw, twins) => {
      const sealers = twins.slice(0, quorumOf(twins.length));
      const [proposer] = twins;
      if (!proposer) throw new TypeError('no members');
      return sealAsQbft(
        raw,
        {
          validators: listless ? [] : twins.map(({ account }) => account),
          sealers,
          round: 1n,
          coinbase: proposer.account,
        },
        { 9: Uint8Array.of(1, 0, 0, 0) },
      );
    },
  };
  return sealer;
}

function sealBlock(
  raw: Uint8Array,
  {
    listed,
    sealers,
    proposer,
    campaign,
    parentHash,
  }: {
    readonly listed: readonly TestValidator[];
    readonly sealers: readonly TestValidator[];
    readonly proposer: TestValidator;
    readonly campaign: Campaign | undefined;
    readonly parentHash: Uint8Array;
  },
): Uint8Array {
  const vote = campaign && { recipient: campaign.on.account, adds: campaign.adds };
  const validators = listed.map(({ account }) => account);
  return sealAsQbft(raw, { validators, sealers, coinbase: proposer.account, ...(vote && { vote }) }, { 0: parentHash });
}

function castBy(
  proposer: TestValidator,
  { members, campaign }: { readonly members: readonly TestValidator[]; readonly campaign: Campaign | undefined },
): Campaign | undefined {
  return campaign?.by.includes(proposer) && campaign.adds !== members.includes(campaign.on) ? campaign : undefined;
}

/** Who proposes goes round; the first to answer the proposer differ from block to block too. */
function rotate(members: readonly TestValidator[], height: bigint): readonly TestValidator[] {
  if (members.length === 0) return [];
  const first = Number(height % BigInt(members.length));
  return [...members.slice(first), ...members.slice(0, first)];
}

function ascending(members: readonly TestValidator[]): readonly TestValidator[] {
  return [...members].sort((one, other) => (one.account < other.account ? -1 : 1));
}
