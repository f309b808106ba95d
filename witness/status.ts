import type { WitnessStanding } from '../core/witness/ports.ts';
import { unixSeconds, type Clock } from '../platform/clock.ts';

/** What a witness says of itself to its operator; heights are decimal. */
export interface WitnessStatus {
  readonly kind: 'witness';
  readonly name: string;
  readonly publicKey: string;
  readonly url: string;
  readonly chain: { readonly chain: string; readonly genesis: string } | null;
  readonly signed: { readonly height: string; readonly hash: string; readonly ageSeconds: number } | null;
  /** The newest block of its node. */
  readonly nodeHeight: string | null;
  readonly contradictions: readonly {
    readonly height: string;
    readonly signedHash: string;
    readonly nodeHash: string;
    readonly seenAt: string;
  }[];
  readonly trouble: { readonly code: string; readonly message: string } | null;
}

/** Reads a witness's status. */
export function readWitnessStatus(
  { name, publicKey, chain, signed, latest, contradictions, trouble }: WitnessStanding,
  { url, clock }: { readonly url: string; readonly clock: Clock },
): WitnessStatus {
  return {
    kind: 'witness',
    name,
    publicKey,
    url,
    chain: chain ?? null,
    signed: signed
      ? {
          height: signed.height.toString(),
          hash: signed.hash,
          ageSeconds: Number(unixSeconds(clock) - signed.signedAt),
        }
      : null,
    nodeHeight: latest?.toString() ?? null,
    contradictions: contradictions.map(({ height, seenAt, signedHash, nodeHash }) => ({
      height: height.toString(),
      signedHash,
      nodeHash,
      seenAt: new Date(Number(seenAt) * 1000).toISOString(),
    })),
    trouble: trouble ? { code: trouble.code, message: trouble.message } : null,
  };
}
