import type { PayloadSpec } from '../../core/document/schema.ts';

/** Where in a binary message a number stands, and as what. */
export type BinarySpec = NonNullable<PayloadSpec['binary']>;
