import { z } from 'zod';
import { DIGEST_PATTERN } from '../../core/digest.ts';
import { NAME_PATTERN } from '../../core/ids.ts';

const name = z.string().regex(NAME_PATTERN);
const account = z.string().regex(/^0x[0-9a-f]{40}$/);

/** Versions of resources; name and tenant are known where the document was uploaded, `version` is decimal. */
export const versionsAnswer = z.object({
  resources: z.array(
    z.object({
      resource: z.string().regex(/^0x[0-9a-f]{64}$/),
      tenant: name.nullable(),
      name: name.nullable(),
      version: z.string().regex(/^\d+$/),
      digest: z.string().regex(DIGEST_PATTERN),
      status: z.string(),
      uploaded: z.boolean(),
      devices: z.array(account),
    }),
  ),
});

/** As `versionsAnswer` types it. */
export type VersionsAnswer = z.input<typeof versionsAnswer>;
