/** What a witness signs as: a domain, or another name that stands in a line of a note. */
export const WITNESS_NAME_PATTERN = /^[a-z0-9](?:[a-z0-9./-]{0,61}[a-z0-9])?$/;
