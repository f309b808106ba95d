import type { Action } from '../../core/policy.ts';

/** Tells what a caller may do, and what anyone may who does not sign. */
export interface WotAccess {
  readonly mayCaller: (action: Action) => boolean;
  readonly mayAnyone: (action: Action) => boolean;
}

const SIGNED = 'signed';
const OPEN = 'open';

const definitions = {
  [SIGNED]: {
    // TD 1.1 knows no scheme for signed calls: this one is an extension by context.
    scheme: 'dewproof:SignedCall',
    description:
      "Sign each call with the account's secp256k1 key: HTTP Message Signatures (RFC 9421) in the form of ERC-8128. The chain's policies say which accounts are let in.",
  },
  [OPEN]: { scheme: 'nosec', description: "The chain's policies let anyone do this, unsigned." },
} as const;

/** The context of TD 1.1, after that of TD 1.0 for whoever knows only it (TD 1.1, section 5.3.1.1), and of our own terms. */
export const wotContext = [
  'https://www.w3.org/2019/wot/td/v1',
  'https://www.w3.org/2022/wot/td/v1.1',
  { dewproof: 'urn:dewproof:wot#' },
] as const;

/** How an action of the policy is let in: without a signature only where anyone may. */
export function securityFor(action: Action, { mayAnyone }: WotAccess): string {
  return mayAnyone(action) ? OPEN : SIGNED;
}

/** The definitions of the schemes that a description uses. */
export function securityDefinitions(used: readonly string[]): Readonly<Record<string, object>> {
  return Object.fromEntries(Object.entries(definitions).filter(([name]) => used.includes(name)));
}
