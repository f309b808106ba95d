/** The most bytes that a document may have, checked before it is parsed. */
export const MAX_DOCUMENT_BYTES = 262_144;

/** The most levels of objects and lists within each other, the document itself counted; checked before zod. */
export const MAX_DEPTH = 16;

/** The most entries of any one list or object of a document. */
export const MAX_ENTRIES = 64;

/** The largest file that dews take and hand out: it is whole in memory before it is judged. */
export const MAX_HELD_ARTIFACT_BYTES = 16_777_216;
