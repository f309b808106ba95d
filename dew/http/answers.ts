import { z } from 'zod';
import { accountField, bytes32Field, digestField, nameField } from '../../core/fields.ts';

/** Versions of resources; name and tenant are known where the document was uploaded, `version` is decimal. */
export const versionsAnswer = z.object({
  resources: z.array(
    z.object({
      resource: bytes32Field,
      tenant: nameField.nullable(),
      name: nameField.nullable(),
      version: z.string().regex(/^\d+$/),
      digest: digestField,
      status: z.string(),
      uploaded: z.boolean(),
      devices: z.array(accountField),
    }),
  ),
});

/** As `versionsAnswer` types it. */
export type VersionsAnswer = z.input<typeof versionsAnswer>;
