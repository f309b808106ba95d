import { z } from 'zod';
import { accountField, bytes32Field, digestField, nameField } from '../fields.ts';
import { MAX_ROLLOUT_NOTES, rolloutNoteSchema } from './rollout-note.ts';

/** The most resources that one device can be assigned. */
export const MAX_ASSIGNMENTS = 1000;

/**
 * What a dew answers to a device that asks what to run: a proposal, never an authority. The device checks every
 * entry against its verified state. A resource left out is no longer placed here, and the device stops it: placing
 * badly is within a hostile dew's power, running something unapproved is not.
 */
export const assignmentListSchema = z.strictObject({
  device: accountField,
  assignments: z
    .array(z.strictObject({ tenant: nameField, name: nameField, digest: digestField }))
    .max(MAX_ASSIGNMENTS),
  /**
   * Resources that this dew can't decide about, having lost (or not got yet) what it decides from: a device that runs
   * one goes on, one that does not waits.
   */
  undecided: z.array(bytes32Field).max(MAX_ASSIGNMENTS).default([]),
  /**
   * The newest rollout order of each resource of the device's group, each believed only as far as it proves itself.
   * They stand beside the assignments, since an order is needed before its version can be assigned.
   */
  rollouts: z.array(rolloutNoteSchema).max(MAX_ROLLOUT_NOTES).default([]),
});

/** A parsed list of assignments. */
export type AssignmentList = z.infer<typeof assignmentListSchema>;
