import type { Account } from '../core/account.ts';
import type { CallSigner, VerifyCall } from '../core/calls.ts';
import type { Name } from '../core/ids.ts';
import type { SecretVault } from '../core/secrets/secret-vault.ts';
import type { IsSignedBy, SignMessage } from '../core/signatures.ts';
import type { Anchor } from '../core/state/anchor.ts';
import type { AskNonce, OpenState } from '../core/state/ports.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { LogRing } from '../platform/log-ring.ts';
import type { MetricsListener } from '../platform/metrics/metrics-routes.ts';
import type { BusConfig } from './bus/open-bus.ts';
import type { StartHost } from './hosts/host.ts';
import type { ReadLinks } from './network/host-link.ts';
import type { OpenNodeSource } from './state/anchored-source.ts';

/** How a device is set up. */
export interface EdgeConfig {
  /** Holds the database and the control socket; nobody else opens it. */
  readonly dataFolder: string;
  readonly host: string;
  /** 0 is any free one. */
  readonly port: number;
  readonly mqtt: BusConfig;
  readonly tenant: Name;
  readonly group: Name;
  /** The first that answers well counts. */
  readonly dewUrls: readonly string[];
  /** The dews' brokers, `mqtt://host:port`, for hints; without them the device asks at its interval only. */
  readonly hintUrls?: readonly string[];
  /** Names (`host:port`) that callers know this edge by, beside its addresses. */
  readonly authorities?: readonly string[];
  /** Other edges of the group (`http://host:port`), which tell of newer heads. */
  readonly peerUrls?: readonly string[];
  /** Default 10,000. */
  readonly pollEveryMs?: number;
  /** Where metrics are served unsigned; nowhere where left out. */
  readonly metrics?: MetricsListener | undefined;
}

/** A device and the ports that it stands on; `random` answers 0 up to but not including 1. */
export interface EdgeOptions {
  readonly config: EdgeConfig;
  readonly account: Account;
  /** Of its home; newer ones may follow from it. */
  readonly anchor: Anchor;
  /** Asks the node that an anchor trusts; those that trust none have dews and other edges asked for proofs. */
  readonly openNodeSource?: OpenNodeSource;
  readonly openState: OpenState;
  /** Which implementations check proofs, in words. */
  readonly proofCrypto?: string;
  /** Without it, time spent without power is not seen. */
  readonly askNonce?: AskNonce | undefined;
  /** Names of the witnesses that it knows how to ask without a dew. */
  readonly askable?: readonly string[];
  readonly verifyCall: VerifyCall;
  readonly isSignedBy: IsSignedBy;
  readonly signer: CallSigner;
  /** What the device's private key does for secrets. */
  readonly vault: SecretVault;
  /** Runtimes beside those of the edge itself, by kind. */
  readonly hosts?: Readonly<Record<string, StartHost>>;
  /** Signs receipts and outcomes of rollouts as `account`. */
  readonly signMessage: SignMessage;
  /** The host's clock. */
  readonly clock: Clock;
  /** Hears of the device's own time, once there is one: the better clock for everything else in the process. */
  readonly onClock?: (clock: Clock) => void;
  /** When the running release was made, in milliseconds since the Unix epoch; default this one. */
  readonly releasedAtMs?: number;
  readonly random: () => number;
  readonly log: Log;
  /** Default: this host's. */
  readonly readLinks?: ReadLinks;
  /** What the log keeps in memory, for the operator's `logs`. */
  readonly logRing?: LogRing;
}
