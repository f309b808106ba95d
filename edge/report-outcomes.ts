import type { SignMessage } from '../core/signatures.ts';
import { canonicalBytes } from '../core/document/canonical.ts';
import { messageOfOutcome, type RolloutOutcome, type SignedOutcome } from '../core/rollout/outcome.ts';
import type { DewClient } from './dew-client.ts';

// A dew that lost its disk learns of it again within so many askings.
const TELL_AGAIN_AFTER = 30;

/** What reporting needs; `signMessage` answers the 65-byte EIP-191 signature of the device's account. */
export interface ReportOutcomesDeps {
  readonly dew: Pick<DewClient, 'report'>;
  readonly outcomes: () => readonly RolloutOutcome[];
  readonly signMessage: SignMessage;
  readonly signal: AbortSignal;
}

/** Tells dews how rollouts fare here. */
export interface OutcomeReporter {
  /** Whether there is something that no dew was told; true once for each such thing. */
  isNews(): boolean;
  /** Tells it where there is, or where the last time is long ago. @throws DEW_UNAVAILABLE, and what else a dew answers */
  report(): Promise<void>;
}

/** Makes a reporter that has told nothing yet. */
export function createOutcomeReporter({ dew, outcomes, signMessage, signal }: ReportOutcomesDeps): OutcomeReporter {
  let told = textOf([]);
  let noticed = told;
  let quietFor = 0;
  return {
    isNews: () => {
      const text = textOf(outcomes());
      if (text === told || text === noticed) return false;
      noticed = text;
      return true;
    },
    report: async () => {
      const current = outcomes();
      const text = textOf(current);
      quietFor += 1;
      if (text === told && quietFor < TELL_AGAIN_AFTER) return;
      if (current.length > 0) await dew.report(await signAll(current, signMessage), signal);
      told = text;
      quietFor = 0;
    },
  };
}

function textOf(outcomes: readonly RolloutOutcome[]): string {
  return Buffer.from(canonicalBytes(outcomes)).toString();
}

async function signAll(
  outcomes: readonly RolloutOutcome[],
  signMessage: ReportOutcomesDeps['signMessage'],
): Promise<readonly SignedOutcome[]> {
  return Promise.all(
    outcomes.map(async (outcome) => ({ outcome, signature: await signMessage(messageOfOutcome(outcome)) })),
  );
}
