import type { StopReason } from './plan-changes.ts';

/** Why a resource was stopped, for operators. */
export const stopMessages: Readonly<Record<Exclude<StopReason, 'UNASSIGNED'>, string>> = {
  NOT_ENROLLED: 'The ledger does not know this device; nothing runs until it is enrolled.',
  SUSPENDED: 'The ledger says that this device is not active; everything is stopped, its data is kept.',
  NOT_PROVED: 'No bundle tells whether this may run; a dew server is to hand over one that does.',
  FREEZE: 'What this device knows of it is too old, and its document wants it stopped then; it needs a newer bundle.',
  NOT_APPROVED: 'The ledger has no approved version of this resource for this group; have one approved.',
  REVOKED: 'The newest version was revoked; the resource is stopped until a newer one is approved.',
  WRONG_GROUP: 'The ledger has this resource for another group; it is stopped here.',
};
